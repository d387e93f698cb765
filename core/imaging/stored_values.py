"""From stored numbers to [0, 1].

Integers are divided by the full range of their bit depth. The one exception: a film of more than
8 bits whose own maximum is at most a quarter of that range (12 bits kept in 16, as many exports
do) is divided by its own maximum, for it would be nearly black otherwise.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.imaging.bands import bands

_LARGE_SPAN = 1e30


def full_scale(top: int, bits: int) -> int:
    """The value that becomes 1.

    Args:
        top: The largest value that occurs.
        bits: Bits of a sample; the full range is ``2 ** bits - 1``.

    Examples:
        >>> full_scale(200, bits=8), full_scale(60_000, bits=16), full_scale(4095, bits=16)
        (255, 65535, 4095)
    """
    full: int = 2**bits - 1
    if bits > 8 and 0 < 4 * top <= full:
        return top
    return max(full, top)


def from_unsigned(values: NDArray[np.unsignedinteger[Any]], bits: int) -> NDArray[np.float32]:
    """Unsigned integers as float32 in [0, 1], by the rule at the top of this module."""
    scale = np.float32(full_scale(int(values.max()), bits))
    scaled: NDArray[np.float32] = np.divide(values, scale, dtype=np.float32)
    return scaled


def from_range(values: NDArray[Any]) -> NDArray[np.float32]:
    """Signed integers or floats as float32 in [0, 1].

    Floats that already lie in [0, 1] stay as they are; anything else is stretched from its own
    minimum to its own maximum. What is not finite becomes 0 and takes no part.

    Raises:
        OverflowError: The values span what no film does.
    """
    is_float = values.dtype.kind == "f"
    low, high = np.inf, -np.inf
    for rows in bands(values.shape):
        finite = np.isfinite(values[rows])
        if finite.any():
            low = min(low, float(values[rows][finite].min()))
            high = max(high, float(values[rows][finite].max()))
    if low > high:
        return np.zeros(values.shape, np.float32)
    if is_float and low >= 0.0 and high <= 1.0:
        low, high = 0.0, 1.0
    if high - low > _LARGE_SPAN:  # their differences would overflow
        raise OverflowError("values that no film has")
    scaled = np.empty(values.shape, np.float32)
    for rows in bands(values.shape):
        part = values[rows] if is_float else values[rows].astype(np.float64)
        with np.errstate(all="ignore"):
            scaled[rows] = (part - low) / ((high - low) or 1.0)
        scaled[rows][~np.isfinite(part)] = 0.0
    return np.clip(scaled, 0.0, 1.0, out=scaled)
