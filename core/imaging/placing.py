"""A map that covers a box of a film, drawn where it lies on the film."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import grid_sample

Box = tuple[float, float, float, float]
"""Centre x, centre y, width and height, as shares of the film's width and height."""

WHOLE: Box = (0.5, 0.5, 1.0, 1.0)
"""The box that holds all of a film."""

_ROWS_AT_ONCE = 256


def as_box(box: Tensor) -> Box:
    """A box of ``core.imaging.framing``, (4,), as plain numbers."""
    x, y, width, height = box.tolist()
    return x, y, width, height


def relative(inner: Box, outer: Box) -> Box:
    """A box given as shares of another, both given as shares of the film.

    Examples:
        >>> relative((0.5, 0.25, 0.2, 0.1), (0.5, 0.5, 0.4, 1.0))
        (0.5, 0.25, 0.5, 0.1)
    """
    x, y, width, height = outer
    return (
        0.5 + (inner[0] - x) / width,
        0.5 + (inner[1] - y) / height,
        inner[2] / width,
        inner[3] / height,
    )


def hull(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds all of some boxes.

    Examples:
        >>> hull([(0.25, 0.5, 0.5, 0.5), (0.75, 0.5, 0.5, 1.0)])
        (0.5, 0.5, 1.0, 1.0)
    """
    left = min(x - width / 2 for x, _, width, _ in boxes)
    right = max(x + width / 2 for x, _, width, _ in boxes)
    top = min(y - height / 2 for _, y, _, height in boxes)
    bottom = max(y + height / 2 for _, y, _, height in boxes)
    return (left + right) / 2, (top + bottom) / 2, right - left, bottom - top


def placed(
    values: NDArray[np.float32],
    box: Box,
    height_px: int,
    width_px: int,
    mode: str = "bicubic",
) -> NDArray[np.float32]:
    """A map of a box, at a film's own size.

    Args:
        values: (h, w), any range; covers the box.
        box: Part of the film; what of it lies beyond the film's edge is cut off.
        height_px: The film's rows.
        width_px: Its columns.
        mode: How values between the map's own are made: ``bicubic``, ``bilinear`` or ``nearest``.

    Returns:
        (height_px, width_px), float32; zero outside the box.
    """
    x, y, width, height = box
    columns, across = _inside(width_px, x, width)
    rows, down = _inside(height_px, y, height)
    full = np.zeros((height_px, width_px), np.float32)
    if not (len(across) and len(down)):
        return full
    given = torch.from_numpy(np.asarray(values, np.float64))[None, None]
    for start in range(0, len(down), _ROWS_AT_ONCE):  # a grid of a large film would be larger
        some = down[start : start + _ROWS_AT_ONCE]
        grid = torch.stack(torch.meshgrid(across, some, indexing="xy"), dim=-1)  # (h, w, 2)
        sampled = grid_sample(given, grid[None], mode, padding_mode="border", align_corners=False)
        first = rows.start + start
        full[first : first + len(some), columns] = sampled[0, 0].numpy()
    return full


def _inside(pixels: int, centre: float, side: float) -> tuple[slice, Tensor]:
    """Which of a row's pixels lie in a box, and where in it, from -1 to 1."""
    middles = (torch.arange(pixels, dtype=torch.float64) + 0.5) / pixels
    places = (middles - centre) / side * 2
    inside = torch.nonzero(places.abs() <= 1)[:, 0]
    if not len(inside):
        return slice(0, 0), places[:0]
    first, last = int(inside[0]), int(inside[-1]) + 1
    return slice(first, last), places[first:last]
