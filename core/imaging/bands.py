"""Bands of rows: what would need a further copy of a whole image works on a few rows at a time."""

import math
from collections.abc import Iterator, Sequence

_AT_ONCE = 2**20
"""Values of one band; a single row may be longer."""


def bands(shape: Sequence[int]) -> Iterator[slice]:
    """Slices of rows that together are all rows.

    Args:
        shape: Of the array, rows first.

    Examples:
        >>> list(bands((5, 2**19)))
        [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    rows = max(1, _AT_ONCE // max(1, math.prod(shape[1:])))
    for start in range(0, shape[0], rows):
        yield slice(start, min(start + rows, shape[0]))
