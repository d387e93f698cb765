"""What of a film a network reads: the box round its lungs, cut out and stretched.

In the training films the frame tells the class: ticks at the edge, letters, proportions. So the one
preprocessing finds the lungs, takes the box round them, resamples it to the network's input and
stretches the exposure inside it. What lies outside the box cannot reach the network.

All functions take batches of images (B, 1, H, W), float32, in [0, 1], and boxes (B, 4): centre x,
centre y, width and height, as shares of the image's width and height.
"""

from typing import Any, TypeVar

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

Shares = TypeVar("Shares", Tensor, NDArray[Any])

MARGIN = 1.1
"""The box that is read is this many times as wide and high as the lungs."""

DARK_QUANTILE, BRIGHT_QUANTILE = 0.005, 0.995
LUNGS_FROM = 0.5
"""A place is lung where the segmenter's probability is over this."""

_LEAST_RANGE = 1e-3
_TAIL = 0.004
"""Share of the lungs' area that may lie beyond each side of their box: specks do not widen it."""
_LEAST_AREA, _LEAST_WIDTH, _LEAST_HEIGHT = 0.02, 0.12, 0.12
"""Less lung than this, as shares of the film, is no pair of lungs."""
_STRIDE = 2


def whole(count: int, device: torch.device | None = None) -> Tensor:
    """The boxes (count, 4) that hold whole images."""
    return torch.tensor([0.5, 0.5, 1.0, 1.0], device=device).repeat(count, 1)


def widened(boxes: Tensor, times: float) -> Tensor:
    """Boxes ``times`` as wide and as high about the same centres."""
    return boxes * torch.tensor([1.0, 1.0, times, times], device=boxes.device)


def within(inner: Tensor, outer: Tensor) -> Tensor:
    """Boxes given as shares of other boxes, as shares of the image: both (B, 4)."""
    centres = outer[:, :2] + (inner[:, :2] - 0.5) * outer[:, 2:]
    return torch.cat((centres, inner[:, 2:] * outer[:, 2:]), 1)


def lung_weights(lungs: Shares) -> Shares:
    """How much each place counts where what is read is pooled over the lungs.

    Args:
        lungs: The probability that a place is lung, of any shape, a tensor or an array.

    Returns:
        The same where there is lung, and 0 elsewhere.
    """
    weights: Shares = lungs * (lungs > LUNGS_FROM)
    return weights


def lungs_boxes(lungs: Tensor) -> tuple[Tensor, Tensor]:
    """The boxes round the lungs, without margin.

    Args:
        lungs: (B, 1, H, W), the probability that a place is lung.

    Returns:
        Boxes (B, 4), the whole image where no lungs are found, and (B,), bool: whether they are.
    """
    is_lung = (lungs[:, 0] > LUNGS_FROM).float()  # (B, H, W)
    left, right = _span(is_lung.sum(1))
    top, bottom = _span(is_lung.sum(2))
    boxes = torch.stack(((left + right) / 2, (top + bottom) / 2, right - left, bottom - top), dim=1)
    found = (
        (is_lung.mean((1, 2)) >= _LEAST_AREA)
        & (boxes[:, 2] >= _LEAST_WIDTH)
        & (boxes[:, 3] >= _LEAST_HEIGHT)
    )
    return torch.where(found[:, None], boxes, whole(len(boxes), boxes.device)), found


def _span(profile: Tensor) -> tuple[Tensor, Tensor]:
    """Where a profile (B, N) begins and ends, as shares of its length: two of (B,)."""
    share = profile.cumsum(1) / profile.sum(1, keepdim=True).clamp_min(1)
    length = profile.shape[1]
    first = (share < _TAIL).sum(1)
    last = (share < 1 - _TAIL).sum(1) + 1
    return first / length, last.clamp_max(length) / length


def cut(
    images: Tensor,
    boxes: Tensor,
    size_px: int,
    angles: Tensor | None = None,
    mirrored: Tensor | None = None,
) -> Tensor:
    """Boxes of images, bilinearly resampled to squares.

    Beyond the image's edge its last pixels go on, so that a lung at the edge of the film shows no
    black border.

    Args:
        images: (B, 1, H, W).
        boxes: (B, 4).
        size_px: Side of the squares, in pixels.
        angles: (B,), radians, by which the boxes are turned; none if None.
        mirrored: (B,), bool, which of them are mirrored left to right; none if None.

    Returns:
        (B, 1, size_px, size_px).
    """
    x, y, width, height = boxes.unbind(1)
    turn = torch.zeros_like(x) if angles is None else angles
    side = torch.ones_like(x) if mirrored is None else 1 - 2 * mirrored.to(x.dtype)
    cosine, sine = turn.cos(), turn.sin()
    theta = torch.stack(
        (
            torch.stack((width * cosine * side, -height * sine, 2 * x - 1), 1),
            torch.stack((width * sine * side, height * cosine, 2 * y - 1), 1),
        ),
        dim=1,
    )  # (B, 2, 3)
    grid = affine_grid(theta, [len(images), 1, size_px, size_px], align_corners=False)
    squares: Tensor = grid_sample(images, grid, padding_mode="border", align_corners=False)
    return squares


def stretch(images: Tensor) -> Tensor:
    """Images stretched between two of their own quantiles, clipped to [0, 1].

    Exposure differs between hospitals and exports far more than disease changes it. An image
    without contrast becomes all zeros.
    """
    some = images[..., ::_STRIDE, ::_STRIDE].flatten(1)
    at = torch.tensor([DARK_QUANTILE, BRIGHT_QUANTILE], device=images.device)
    low, high = torch.quantile(some, at, dim=1).view(2, -1, 1, 1, 1)
    stretched: Tensor = ((images - low) / (high - low).clamp_min(_LEAST_RANGE)).clamp(0, 1)
    return stretched


def proportioned(boxes: Tensor, proportions: Tensor) -> Tensor:
    """Boxes made square as the film was before it was squashed, by growing their shorter side.

    Args:
        boxes: (B, 4), of squashed films.
        proportions: (B,), width over height of each film before that.
    """
    width, height = boxes[:, 2] * proportions, boxes[:, 3]
    side = torch.maximum(width, height)
    return torch.cat((boxes[:, :2], (side / proportions)[:, None], side[:, None]), dim=1)
