"""Augmentation of whole batches, on whatever device they are.

Each part makes of a film what another exposure, framing or export might have made of the same
chest. A policy is a set of parts. Nothing random depends on what came before: a batch's
augmentation follows from its seed alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from core.data import batch_steps as steps
from core.data.draw import Draw
from core.imaging.framing import cut, stretch

LEAST_CROP, MOST_CROP = 0.35, 1.15
_LONGEST_SIDE = 1.33
_TURN = 0.2
_SHIFT = 0.04

Step = Callable[[Tensor, Draw], Tensor]


def _intensity(images: Tensor, draw: Draw) -> Tensor:
    return steps.contrast(steps.gamma(images, draw, 2.2), draw, 0.5, 0.25)


def _export(images: Tensor, draw: Draw) -> Tensor:
    images = draw.sometimes(0.3, steps.resampled(images, draw, 0.35), images)
    images = draw.sometimes(0.2, steps.blurred(images, draw, 0.4, 1.5), images)
    return draw.sometimes(0.35, steps.compressed(images, draw, 12, 70), images)


_ON_IMAGES: dict[str, Step] = {
    "exchange": lambda images, draw: draw.sometimes(0.5, steps.exchanged(images, draw), images),
    "histogram": lambda images, draw: draw.sometimes(0.3, steps.bent(images, draw, 8), images),
    "intensity": _intensity,
    "bias": lambda images, draw: draw.sometimes(0.4, steps.shaded(images, draw, 0.15), images),
    "export": _export,
    "noise": lambda images, draw: draw.sometimes(0.3, steps.noisy(images, draw, 0.03), images),
}
"""What happens to the grey values, in the order in which it happens to a film."""

_GEOMETRY = ("crop", "rotation", "flip")
_ERASING = "erasing"
ALL_PARTS, NO_PARTS = "all", "none"
PARTS = (*_GEOMETRY, *_ON_IMAGES, _ERASING)


def parts_of(policy: str) -> frozenset[str]:
    """The parts of a policy.

    Args:
        policy: ``all``, ``none``, ``all-PART`` for all but one, or parts joined by ``+``.

    Raises:
        KeyError: There is no such part.

    Examples:
        >>> sorted(parts_of("noise+flip"))
        ['flip', 'noise']
    """
    if policy in (ALL_PARTS, NO_PARTS):
        return frozenset(PARTS if policy == ALL_PARTS else ())
    without = policy.startswith(f"{ALL_PARTS}-")
    named = frozenset(policy.removeprefix(f"{ALL_PARTS}-").split("+"))
    if unknown := named - frozenset(PARTS):
        raise KeyError(sorted(unknown)[0])
    return frozenset(PARTS) - named if without else named


def is_policy(policy: str) -> bool:
    """Whether ``parts_of`` knows it."""
    try:
        parts_of(policy)
    except KeyError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Augmentation:
    """A policy at work.

    Args:
        policy: As ``parts_of`` takes it.
        size_px: Side of the images that it gives.
        least_crop: The smallest area of a crop, as a share of its box ...
        most_crop: ... and the largest; over 1 shows some of what lies round the box.
    """

    policy: str
    size_px: int
    least_crop: float = LEAST_CROP
    most_crop: float = MOST_CROP

    def __call__(
        self, films: Tensor, lungs: Tensor, boxes: Tensor, draw: Draw
    ) -> tuple[Tensor, Tensor]:
        """Images and lungs as a network in training sees them.

        Args:
            films: (B, 1, H, W), float32, in [0, 1].
            lungs: (B, 1, H, W), the probability of lung.
            boxes: (B, 4), what of each film is read, as ``core.imaging.framing`` has them.
            draw: Where everything random comes from.

        Returns:
            Images (B, 1, S, S), stretched, in [0, 1], and lungs (B, 1, S, S).
        """
        parts = parts_of(self.policy)
        count = len(films)
        if "crop" in parts:
            boxes = self._crops(boxes, draw)
        angles = torch.zeros(count, device=films.device)
        if "rotation" in parts:
            angles = torch.where(
                draw.chance(count, 0.5), draw.between(count, -_TURN, _TURN), angles
            )
        mirrored = draw.chance(count, 0.5 if "flip" in parts else 0.0)
        images = cut(films, boxes, self.size_px, angles, mirrored)
        where = cut(lungs, boxes, self.size_px, angles, mirrored)
        for name, step in _ON_IMAGES.items():
            if name in parts:
                images = step(images, draw)
        images = stretch(images)
        if _ERASING in parts:
            images = steps.erased(images, draw, 0.25, 0.1, 0.4)
        return images, where

    def _crops(self, boxes: Tensor, draw: Draw) -> Tensor:
        """Random parts of boxes, or a little more than them."""
        count = len(boxes)
        area = draw.between(count, self.least_crop, self.most_crop)
        ratio = torch.exp(draw.between(count, -1, 1) * torch.tensor(_LONGEST_SIDE).log().item())
        width = boxes[:, 2] * (area * ratio).sqrt()
        height = boxes[:, 3] * (area / ratio).sqrt()
        across = (boxes[:, 2] - width).abs().clamp_min(_SHIFT) * draw.between(count, -0.5, 0.5)
        down = (boxes[:, 3] - height).abs().clamp_min(_SHIFT) * draw.between(count, -0.5, 0.5)
        return torch.stack((boxes[:, 0] + across, boxes[:, 1] + down, width, height), dim=1)
