"""Where on the film a verdict comes from.

Grad-CAM (Selvaraju et al., ICCV 2017, https://arxiv.org/abs/1610.02391) needs the last feature map
and the gradient of the logit with respect to it. Both come from the head alone, so the head gets
a wrapper of its own for each film: grad-cam's hooks sit on the wrapper, and never on a network
that other sessions share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pytorch_grad_cam import GradCAM
from torch import Tensor, nn

from core.models import Network

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Heatmap:
    """Evidence for pneumonia over the film.

    Args:
        evidence: (h, w), float32, at least 0: Grad-CAM at the network's own resolution, in
            logits: how much each place adds to the logit of pneumonia.
        full_heat: The evidence drawn as full heat, the same for every film of a model, so that a
            calm film looks calm.
    """

    evidence: Floats
    full_heat: float

    def __post_init__(self) -> None:
        if self.evidence.ndim != 2:
            raise ValueError(f"evidence must have shape (h, w), not {self.evidence.shape}")
        if self.full_heat <= 0:
            raise ValueError(f"full_heat must be positive, not {self.full_heat}")

    @property
    def heat_01(self) -> Floats:
        """(h, w), float32: evidence as a share of full heat, clipped to [0, 1]."""
        heat: Floats = np.clip(self.evidence / self.full_heat, 0, 1).astype(np.float32)
        return heat

    def over(self, height_px: int, width_px: int) -> Floats:
        """The heat at a film's own size: (height_px, width_px), float32, in [0, 1]."""
        small = torch.from_numpy(self.heat_01)[None, None]
        large = nn.functional.interpolate(
            small, (height_px, width_px), mode="bicubic", align_corners=False
        )
        full: Floats = large[0, 0].clamp(0, 1).numpy()
        return full


class _HeadOnly(nn.Module):
    """The head behind a layer that is this explanation's own, for grad-cam to hook."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.entrance = nn.Identity()
        self.head = network.head

    def forward(self, feature_map: Tensor) -> Tensor:
        """(B, C, h, w) to (B, 1)."""
        logits: Tensor = self.head(self.entrance(feature_map))
        return logits


class _GradCAMInLogits(GradCAM):  # type: ignore[misc]
    """Grad-CAM on its own scale; grad-cam would stretch every map to [0, 1] by itself."""

    def compute_cam_per_layer(
        self, input_tensor: Tensor, targets: list[Any], eigen_smooth: bool
    ) -> Floats:
        """(B, h, w), the positive evidence at the map's own resolution."""
        cam = self.get_cam_image(
            input_tensor,
            self.target_layers[0],
            targets,
            self.activations_and_grads.activations[0].numpy(),
            self.activations_and_grads.gradients[0].numpy(),
            eigen_smooth,
        )
        positive: Floats = np.maximum(cam, 0).astype(np.float32)
        return positive

    def aggregate_multi_layers(self, cam_per_target_layer: Floats) -> Floats:
        """The one layer's maps, as they are."""
        return cam_per_target_layer


def grad_cam(network: Network, feature_map: Tensor) -> Floats:
    """Grad-CAM evidence for pneumonia.

    Args:
        network: In evaluation mode, without gradients of its own.
        feature_map: (B, C, h, w), from ``network.feature_map`` outside of inference mode.

    Returns:
        (B, h, w), float32, at least 0, in logits. Behind a pooled linear head the map without its
        clipping at 0 adds up to the logit less its bias.
    """
    head = _HeadOnly(network)
    cam = _GradCAMInLogits(head, [head.entrance])
    try:
        targets = [lambda output: output[0]] * len(feature_map)
        evidence: Floats = cam(feature_map.detach().clone().requires_grad_(), targets)
        return evidence
    finally:
        cam.activations_and_grads.release()


def mean_evidence(maps: Sequence[Floats]) -> Floats:
    """The mean of several networks' evidence, on the finest of their grids.

    Args:
        maps: Each (B, h, w), for the same B films.
    """
    height, width = max(evidence.shape[1:] for evidence in maps)
    sized = [
        nn.functional.interpolate(
            torch.from_numpy(evidence)[None], (height, width), mode="bilinear", align_corners=False
        )[0].numpy()
        for evidence in maps
    ]
    mean: Floats = np.mean(sized, axis=0)
    return mean
