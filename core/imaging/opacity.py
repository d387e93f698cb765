"""Opacity: what shows through is black, and what hides everything is no opacity."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_LEAST_SEEN = 0.005
"""Share of a picture that opacity must leave to be seen; screenshots often leave it at nought."""


def is_hiding(opacity: NDArray[np.unsignedinteger[Any]]) -> bool:
    """Whether opacity hides (nearly) everything: then it was never meant."""
    return bool(np.count_nonzero(opacity) < _LEAST_SEEN * opacity.size)


def on_black(
    values: NDArray[np.unsignedinteger[Any]], opacity: NDArray[np.unsignedinteger[Any]]
) -> NDArray[np.unsignedinteger[Any]]:
    """A picture laid on black.

    Args:
        values: Shape (height, width, channels).
        opacity: Shape (height, width), of the same type; its largest value is opaque.
    """
    if is_hiding(opacity):
        return values
    full = np.iinfo(opacity.dtype).max
    share = opacity.astype(np.float32)[..., None] / np.float32(full)
    laid: NDArray[np.unsignedinteger[Any]] = np.rint(values * share).astype(values.dtype)
    return laid
