"""The classes of grad-cam, whose maps stay in their own units.

grad-cam loads scikit-learn, matplotlib and OpenCV. The default map of what ships needs none of
them, so this module is imported when a method first asks for it.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytorch_grad_cam
import pytorch_grad_cam.score_cam
from numpy.typing import NDArray
from torch import Tensor

Floats = NDArray[np.float32]

# Its progress bar would write to the server's log.
pytorch_grad_cam.score_cam.tqdm = SimpleNamespace(tqdm=iter)


class _InItsOwnUnits:
    """What stands before a class of grad-cam, which would stretch every map to [0, 1] by itself."""

    def compute_cam_per_layer(
        self, input_tensor: Tensor, targets: list[Any], eigen_smooth: bool
    ) -> Floats:
        """(B, h, w), the positive evidence at the map's own resolution."""
        cam: Any = self
        seen = cam.activations_and_grads
        gradients = seen.gradients[0].numpy() if seen.gradients else None
        evidence = cam.get_cam_image(
            input_tensor,
            cam.target_layers[0],
            targets,
            seen.activations[0].numpy(),
            gradients,
            eigen_smooth,
        )
        positive: Floats = np.maximum(evidence, 0).astype(np.float32)
        return positive

    def aggregate_multi_layers(self, cam_per_target_layer: Floats) -> Floats:
        """The one layer's maps, as they are."""
        return cam_per_target_layer


class GradCAM(_InItsOwnUnits, pytorch_grad_cam.GradCAM):  # type: ignore[misc]
    """Grad-CAM in logits."""


class GradCAMPlusPlus(_InItsOwnUnits, pytorch_grad_cam.GradCAMPlusPlus):  # type: ignore[misc]
    """Grad-CAM++ in logits."""


class HiResCAM(_InItsOwnUnits, pytorch_grad_cam.HiResCAM):  # type: ignore[misc]
    """HiResCAM in logits."""


class LayerCAM(_InItsOwnUnits, pytorch_grad_cam.LayerCAM):  # type: ignore[misc]
    """LayerCAM in logits."""


class ScoreCAM(_InItsOwnUnits, pytorch_grad_cam.ScoreCAM):  # type: ignore[misc]
    """Score-CAM in values of the feature map."""

    batch_size = 16


class EigenCAM(_InItsOwnUnits, pytorch_grad_cam.EigenCAM):  # type: ignore[misc]
    """EigenCAM with a sign that means something.

    grad-cam leaves the sign to chance and factors a square matrix of all channels. Here the
    projection's larger end is positive (Chung and Ying, 2025, https://doi.org/10.3390/app15137562).
    """

    def get_cam_image(self, *given: Any) -> Floats:
        """(B, h, w): the map's projection on its first principal component."""
        maps = given[3]  # (B, C, h, w)
        places = maps.reshape(*maps.shape[:2], -1).swapaxes(1, 2)  # (B, hw, C)
        centred = places - places.mean(axis=1, keepdims=True)
        left, strength, _ = np.linalg.svd(centred, full_matrices=False)
        projection = left[:, :, 0] * strength[:, :1]  # (B, hw)
        sign = np.where(projection.max(1) >= -projection.min(1), 1, -1)
        signed: Floats = (projection * sign[:, None]).reshape(len(maps), *maps.shape[2:])
        return signed
