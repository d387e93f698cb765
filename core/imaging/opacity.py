"""Opacity: what shows through is black, and what hides everything is no opacity."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.imaging.bands import bands

_LEAST_SEEN = 0.005
"""Share of a picture that opacity must leave to be seen; screenshots often leave it at nought."""


def is_hiding(seen: int, pixels: int) -> bool:
    """Whether opacity hides (nearly) everything: then it was never meant.

    Args:
        seen: Pixels that are not wholly clear.
        pixels: All of them.
    """
    return seen < _LEAST_SEEN * pixels


def on_black(
    values: NDArray[np.unsignedinteger[Any]], opacity: NDArray[np.unsignedinteger[Any]]
) -> NDArray[np.unsignedinteger[Any]]:
    """A picture laid on black.

    Args:
        values: Shape (height, width, channels).
        opacity: Shape (height, width), of the same type; its largest value is opaque.
    """
    if is_hiding(int(np.count_nonzero(opacity)), opacity.size):
        return values
    full = np.float32(np.iinfo(opacity.dtype).max)
    laid = np.empty(values.shape, values.dtype)
    for rows in bands(values.shape):
        share = opacity[rows].astype(np.float32)[..., None] / full
        laid[rows] = np.rint(values[rows] * share)
    return laid
