"""Where on the film a verdict comes from.

Grad-CAM (Selvaraju et al., ICCV 2017, https://arxiv.org/abs/1610.02391) needs the last feature map
and the gradient of the logit with respect to it. Both come from the head alone, so the head gets
a wrapper of its own for each film: grad-cam's hooks sit on the wrapper, and never on a network
that other sessions share. ``core.inference.explanation_methods`` has the other methods.
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
GRAD_CAM = "grad_cam"


@dataclass(frozen=True, slots=True)
class Heatmap:
    """Evidence for pneumonia over the film.

    Args:
        evidence: (h, w), float32, at least 0, at the network's own resolution. Grad-CAM's is in
            logits: how much each place adds to the logit of pneumonia.
        full_heat: The evidence drawn as full heat, the same for every film of a model and a
            method, so that a calm film looks calm.
        method: Name of the method that made it, one of ``explanation_methods.METHODS``.
    """

    evidence: Floats
    full_heat: float
    method: str = GRAD_CAM

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


@dataclass(frozen=True, slots=True)
class Features:
    """One pass through a network, as far as explanations need it.

    Args:
        network: In evaluation mode, without gradients of its own.
        images: (B, 1, S, S), in [0, 1], as the network reads them.
        last: (B, C, h, w): what the head reads.
        finer: (B, C', h', w'): the last map on a grid finer than that; the last one where none is.
        rest: The steps from the finer map to the last.
    """

    network: Network
    images: Tensor
    last: Tensor
    finer: Tensor
    rest: tuple[nn.Module, ...]


def read_features(network: Network, images: Tensor) -> Features:
    """One pass through a network that keeps what explanations read.

    Args:
        network: In evaluation mode, without gradients of its own.
        images: (B, 1, S, S), in [0, 1], as the network reads them.
    """
    steps = _steps(network.features)
    with torch.no_grad():
        flow: Tensor = (images - network.mean) / network.std
        finer, rest = None, 0
        for index, step in enumerate(steps):
            before, flow = flow, step(flow.clone())  # a step may write over what it reads
            if index and flow.shape[-1] < before.shape[-1]:
                finer, rest = before, index
    if finer is None:
        return Features(network, images, flow, flow, ())
    return Features(network, images, flow, finer, steps[rest:])


def _steps(module: nn.Module) -> tuple[nn.Module, ...]:
    """A chain of layers, and chains within it, as one."""
    if type(module).forward is not nn.Sequential.forward:
        return (module,)
    return tuple(step for part in module.children() for step in _steps(part))


class _Behind(nn.Module):
    """What lies behind a feature map, after a layer that is this explanation's own to be hooked.

    Args:
        steps: From the map to the logit; shared with other sessions, so never hooked.
        unit: Maps come divided by it and are multiplied again: a change of units, which leaves
            gradient times map as it is.
    """

    def __init__(self, steps: Sequence[nn.Module], unit: float) -> None:
        super().__init__()
        self.entrance = nn.Identity()
        self.steps = nn.ModuleList(steps)
        self.unit = unit

    def forward(self, feature_map: Tensor) -> Tensor:
        """(B, C, h, w) to (B, 1)."""
        flow: Tensor = self.entrance(feature_map) * self.unit
        for step in self.steps:
            flow = step(flow)
        return flow


class InItsOwnUnits:
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


class _GradCAM(InItsOwnUnits, GradCAM):  # type: ignore[misc]
    """Grad-CAM in logits."""


def run_cam(library: Any, hooked: nn.Module, given: Tensor) -> Floats:
    """A map of grad-cam's, of a module that is this explanation's own.

    Args:
        library: A class of grad-cam's behind ``InItsOwnUnits``.
        hooked: Has an ``entrance``, the layer that is hooked and that nobody else uses.
        given: What ``hooked`` takes, (B, ...).

    Returns:
        (B, h, w), float32, at least 0.
    """
    cam = library(hooked, [hooked.entrance])
    try:
        evidence: Floats = cam(given, [lambda output: output[0]] * len(given))
        return evidence
    finally:
        cam.activations_and_grads.release()


def cam_behind(
    library: Any, steps: Sequence[nn.Module], feature_map: Tensor, unit: float = 1.0
) -> Floats:
    """A map of grad-cam's that needs no more than what lies behind a feature map.

    Args:
        library: A class of grad-cam's behind ``InItsOwnUnits``.
        steps: From the map to the logit, in evaluation mode, without gradients of their own.
        feature_map: (B, C, h, w), made outside of inference mode.
        unit: The map's values are given to ``library`` divided by it.

    Returns:
        (B, h, w), float32, at least 0.
    """
    given = (feature_map.detach() / unit).requires_grad_()
    return run_cam(library, _Behind(steps, unit), given)


def grad_cam(network: Network, feature_map: Tensor) -> Floats:
    """Grad-CAM evidence for pneumonia.

    Args:
        network: In evaluation mode, without gradients of its own.
        feature_map: (B, C, h, w), from ``network.feature_map`` outside of inference mode.

    Returns:
        (B, h, w), float32, at least 0, in logits. Behind a pooled linear head the map without its
        clipping at 0 adds up to the logit less its bias.
    """
    return cam_behind(_GradCAM, [network.head], feature_map)


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
