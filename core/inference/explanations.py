"""Where on the film a verdict comes from.

Behind a network that is pooled over the lungs the class activation map (Zhou et al., CVPR 2016,
https://arxiv.org/abs/1512.04150) is the verdict itself, place by place: averaged over the lungs it
is the logit less its bias. Behind other networks Grad-CAM (Selvaraju et al., ICCV 2017,
https://arxiv.org/abs/1610.02391) needs the last feature map and the gradient of the logit with
respect to it. Both come from the head alone, so the head gets a wrapper of its own for each film:
grad-cam's hooks sit on the wrapper, and never on a network that other sessions share.
``core.inference.explanation_methods`` has all methods.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.imaging.placing import Box, hull, placed, relative
from core.models import Network
from core.models.network import chain_of

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Features:
    """One pass through a network, as far as explanations need it.

    Args:
        network: In evaluation mode, without gradients of its own.
        images: (B, 1, S, S), in [0, 1], as the network reads them.
        last: (B, C, h, w): what the head reads.
        finer: (B, C', h', w'): the last map on a grid finer than that; the last one where none is.
        rest: The steps from the finer map to the last.
        lungs: (B, 1, S, S), the probability of lung in the images; None where no head asks.
    """

    network: Network
    images: Tensor
    last: Tensor
    finer: Tensor
    rest: tuple[nn.Module, ...]
    lungs: Tensor | None = None

    def head(self, index: int | None = None) -> nn.Module:
        """What makes the logits (B, 1) of feature maps: of all images, or of one of them."""
        head: nn.Module = self.network.head
        if not self.network.is_lungs_pooled:
            return head
        if self.lungs is None:
            raise ValueError("a network that is pooled over the lungs needs them")
        return _OverLungs(head, self.lungs if index is None else self.lungs[index : index + 1])


class _OverLungs(nn.Module):
    """A head that is pooled over lungs, and the lungs of its images; one pair serves a batch."""

    def __init__(self, head: nn.Module, lungs: Tensor) -> None:
        super().__init__()
        self.head = head
        self.lungs = lungs

    def forward(self, feature_map: Tensor) -> Tensor:
        """(B, C, h, w) to (B, 1)."""
        lungs = self.lungs.expand(len(feature_map), -1, -1, -1)
        logits: Tensor = self.head(feature_map, lungs)
        return logits[:, None]


def read_features(network: Network, images: Tensor, lungs: Tensor | None = None) -> Features:
    """One pass through a network that keeps what explanations read.

    Args:
        network: In evaluation mode, without gradients of its own.
        images: (B, 1, S, S), in [0, 1], as the network reads them.
        lungs: (B, 1, S, S), the probability of lung in them.
    """
    steps = chain_of(network.features)
    with torch.no_grad():
        flow: Tensor = (images - network.mean) / network.std
        finer, rest = None, 0
        for index, step in enumerate(steps):
            before, flow = flow, step(flow.clone())  # a step may write over what it reads
            if index and flow.shape[-1] < before.shape[-1]:
                finer, rest = before, index
    if finer is None:
        return Features(network, images, flow, flow, (), lungs)
    return Features(network, images, flow, finer, steps[rest:], lungs)


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


def run_cam(library: str, hooked: nn.Module, given: Tensor) -> Floats:
    """A map of grad-cam's, of a module that is this explanation's own.

    Args:
        library: The name of a class in ``core.inference.cam_library``.
        hooked: Has an ``entrance``, the layer that is hooked and that nobody else uses.
        given: What ``hooked`` takes, (B, ...).

    Returns:
        (B, h, w), float32, at least 0.
    """
    from core.inference import cam_library  # once a method asks: it takes a second, and 120 MB

    cam = getattr(cam_library, library)(hooked, [hooked.entrance])
    try:
        evidence: Floats = cam(given, [lambda output: output[0]] * len(given))
        return evidence
    finally:
        cam.activations_and_grads.release()


def cam_behind(
    library: str, steps: Sequence[nn.Module], feature_map: Tensor, unit: float = 1.0
) -> Floats:
    """A map of grad-cam's that needs no more than what lies behind a feature map.

    Args:
        library: The name of a class in ``core.inference.cam_library``.
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
    return cam_behind("GradCAM", [network.head], feature_map)


def cam(network: Network, feature_map: Tensor) -> Floats:
    """The class activation map of a network that is pooled over the lungs.

    Args:
        network: In evaluation mode.
        feature_map: (B, C, h, w), from ``network.feature_map``.

    Returns:
        (B, h, w), float32, also under 0, in logits per whole lung area. Enlarged to the pixels of
        the lungs and averaged over them it is the logit less its bias.
    """
    with torch.no_grad():
        places: Floats = network.head.places(feature_map).numpy()
    return places


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


def on_one_grid(maps: Sequence[Floats], boxes: Sequence[Box]) -> tuple[list[Floats], Box]:
    """Maps of one film that cover different parts of it, on one grid over all of these parts.

    Args:
        maps: Each (h, w).
        boxes: What each covers.

    Returns:
        The maps, zero where they covered nothing, and the box of the grid. Maps that cover the same
        box are given back as they are.
    """
    box = hull(boxes)
    if len(set(boxes)) == 1:
        return list(maps), boxes[0]
    finest = [
        (rows * box[3] / own[3], columns * box[2] / own[2])
        for (rows, columns), own in zip((each.shape for each in maps), boxes, strict=True)
    ]
    height, width = (round(max(sides)) for sides in zip(*finest, strict=True))
    return [
        placed(evidence, relative(own, box), height, width, "bilinear")
        for evidence, own in zip(maps, boxes, strict=True)
    ], box
