"""How the views of the gate are augmented: whole pictures, by three policies of growing strength.

The steps are those of ``core.data.batch_steps``. Beside them stand borders and markers, which a
network that reads the box round the lungs never sees and the gate does.
"""

from collections.abc import Callable
from math import log, radians

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from core.data import batch_steps as steps
from core.data.draw import Draw
from core.imaging.framing import cut, whole

Step = Callable[[Tensor, Draw], Tensor]
NONE, LIGHT, STRONG, EXPORTS = "none", "light", "strong", "exports"


def augmented(policy: str, images: Tensor, size_px: int, draw: Draw) -> Tensor:
    """Pictures as a policy changes them.

    Args:
        policy: ``none`` resizes; ``light`` crops and turns a little and changes exposure a little;
            ``strong`` also mirrors, crops hard and imitates other exports; ``exports`` goes further
            in every one of these, bends the grey scale, shades, covers borders and adds markers.
        images: (B, 1, H, W), float32, in [0, 1].
        size_px: Side of the pictures that it gives.
        draw: Where everything random comes from.

    Returns:
        (B, 1, size_px, size_px), in [0, 1].

    Raises:
        KeyError: No such policy.
    """
    for step in _POLICIES[policy]:
        images = step(images, draw)
    if images.shape[-1] != size_px:
        images = cut(images, whole(len(images), images.device), size_px)
    return images.clamp(0, 1)


def _reframed(
    images: Tensor, draw: Draw, least: float, ratio: float, degrees: float, mirroring: float
) -> Tensor:
    """Parts of pictures, of a random area and ratio of their sides, turned and mirrored."""
    count, side = len(images), images.shape[-1]
    area = draw.between(count, least, 1)
    stretched = draw.between(count, -log(ratio), log(ratio)).exp()
    width, height = ((area * each).sqrt().clamp_max(1) for each in (stretched, 1 / stretched))
    x, y = (0.5 + (1 - each) * draw.between(count, -0.5, 0.5) for each in (width, height))
    angles = draw.between(count, -radians(degrees), radians(degrees))
    angles = torch.where(draw.chance(count, 0.5), angles, 0.0)
    boxes = torch.stack((x, y, width, height), 1)
    return cut(images, boxes, side, angles, draw.chance(count, mirroring))


def _bordered(images: Tensor, draw: Draw, widest: float) -> Tensor:
    """Cover strips along the edges with one grey: collimation, or padding by an export."""
    count, side = len(images), images.shape[-1]
    edges = [draw.between(count, 0, widest) * draw.chance(count, 0.5) for _ in range(4)]
    places = (torch.arange(side, device=images.device) + 0.5)[None] / side
    left, right, top, bottom = (edge[:, None] for edge in edges)
    columns, rows = (
        (places < first) | (places > 1 - last) for first, last in ((left, right), (top, bottom))
    )
    covered = rows[:, None, :, None] | columns[:, None, None, :]
    greys = draw.between(count, 0, 1) * draw.chance(count, 0.3)
    return torch.where(covered, greys.view(-1, 1, 1, 1), images)


def _marked(images: Tensor, draw: Draw) -> Tensor:
    """Put a small bright plate near an edge, where side markers and letters are."""
    marked, side = images.clone(), images.shape[-1]
    for image in marked:
        tall, wide = (max(3, round(side * draw.one_between(0.03, 0.12))) for _ in range(2))
        top = int((side - tall) * draw.one_between(0, 1))
        left = int(0.2 * (side - wide) * draw.one_between(0, 1))
        if draw.one_between(0, 1) < 0.5:
            left = side - wide - left
        plate = (draw.normal(1, 1, tall // 3, wide // 3) > -0.25).float()  # bright in six of ten
        plate = interpolate(plate, (tall, wide)).clamp_min(draw.one_between(0, 0.7))
        image[:, top : top + tall, left : left + wide] = plate[0]
    return marked


def _sometimes(probability: float, step: Step) -> Step:
    return lambda images, draw: draw.sometimes(probability, step(images, draw), images)


_POLICIES: dict[str, tuple[Step, ...]] = {
    NONE: (),
    LIGHT: (
        lambda images, draw: _reframed(images, draw, 0.8, 1.1, 7, 0),
        lambda images, draw: steps.contrast(images, draw, 0.15, 0.1),
    ),
    STRONG: (
        lambda images, draw: _reframed(images, draw, 0.2, 4 / 3, 10, 0.5),
        lambda images, draw: steps.gamma(images, draw, 2.2),
        lambda images, draw: steps.contrast(images, draw, 0.5, 0.25),
        _sometimes(0.3, lambda images, draw: steps.resampled(images, draw, 0.35)),
        _sometimes(0.2, lambda images, draw: steps.blurred(images, draw, 0.6, 3)),
        _sometimes(0.3, lambda images, draw: steps.compressed(images, draw, 15, 70)),
        _sometimes(0.3, lambda images, draw: steps.noisy(images, draw, 0.03)),
        lambda images, draw: steps.erased(images, draw, 0.25, 0.14, 0.35),
    ),
    EXPORTS: (
        _sometimes(0.2, _marked),
        _sometimes(0.25, lambda images, draw: _bordered(images, draw, 0.15)),
        lambda images, draw: _reframed(images, draw, 0.12, 1.67, 12, 0.5),
        lambda images, draw: steps.gamma(images, draw, 2.5),
        _sometimes(0.3, lambda images, draw: steps.bent(images, draw, 8)),
        _sometimes(0.3, lambda images, draw: steps.shaded(images, draw, 0.2)),
        lambda images, draw: steps.contrast(images, draw, 0.6, 0.3),
        _sometimes(0.4, lambda images, draw: steps.resampled(images, draw, 0.25)),
        _sometimes(0.25, lambda images, draw: steps.blurred(images, draw, 0.6, 4)),
        _sometimes(0.35, lambda images, draw: steps.compressed(images, draw, 10, 70)),
        _sometimes(0.3, lambda images, draw: steps.noisy(images, draw, 0.04)),
        lambda images, draw: steps.erased(images, draw, 0.25, 0.14, 0.39),
    ),
}
POLICIES = tuple(_POLICIES)
