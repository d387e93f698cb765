"""A map that covers a box of a film, drawn where it lies on the film."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch import Tensor

Box = tuple[float, float, float, float]
"""Centre x, centre y, width and height, as shares of the film's width and height."""

WHOLE: Box = (0.5, 0.5, 1.0, 1.0)
"""The box that holds all of a film."""

_CUBIC = -0.75


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
    given = np.asarray(values, np.float32)
    if len(across) and len(down):
        tall = _weights(given.shape[0], down, mode) @ given
        full[rows, columns] = (_weights(given.shape[1], across, mode) @ tall.T.copy()).T
    return full


def _inside(pixels: int, centre: float, side: float) -> tuple[slice, NDArray[np.float64]]:
    """Which of a row's pixels lie in a box, and where in it, from 0 to 1."""
    middles = (np.arange(pixels) + 0.5) / pixels
    places = (middles - centre) / side + 0.5
    inside = np.flatnonzero((places >= 0) & (places <= 1))
    if not inside.size:
        return slice(0, 0), places[:0]
    first, last = int(inside[0]), int(inside[-1]) + 1
    return slice(first, last), places[first:last]


def _weights(count: int, places: NDArray[np.float64], mode: str) -> csr_array:
    """How much each of a row's values counts at each of N places: (N, count), a few of each."""
    at = places * count - 0.5
    first = np.rint(at) if mode == "nearest" else np.floor(at)
    taps = _taps(at - first, mode)
    weights = np.concatenate(list(taps.values())).astype(np.float32)
    values = np.concatenate([np.clip(first + step, 0, count - 1) for step in taps]).astype(int)
    every = np.tile(np.arange(len(places)), len(taps))
    return csr_array((weights, (every, values)), shape=(len(places), count))


def _taps(part: NDArray[np.float64], mode: str) -> dict[int, NDArray[np.float64]]:
    """The weights of the values round a place, by their distance from the one before it.

    Args:
        part: How far the place is on the way from the value before it to the next, 0 to 1.
        mode: As ``placed`` has it; ``bicubic`` is the cubic convolution of Keys (1981).
    """
    if mode == "nearest":
        return {0: np.ones_like(part)}
    if mode == "bilinear":
        return {0: 1 - part, 1: part}
    near, far = {0: part, 1: 1 - part}, {-1: 1 + part, 2: 2 - part}
    middle = {step: (_CUBIC + 2) * by**3 - (_CUBIC + 3) * by**2 + 1 for step, by in near.items()}
    outer = {step: _CUBIC * (by**3 - 5 * by**2 + 8 * by - 4) for step, by in far.items()}
    return middle | outer
