"""From a DICOM image's stored values to what a screen shows, by PS3.3 C.11 and PS3.4 N.2.

The order is the standard's: modality LUT or rescale, then VOI LUT or window, then inversion.
Where each step is a function of the stored value alone, so is their chain: it is computed once
for each possible value and looked up for each pixel, exact and without float64 images.

pydicom's own ``apply_windowing`` and ``apply_voi`` are not used, for a negative rescale slope
turns the former's output round and 8-bit entries make the latter's index overflow.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.imaging.stored_values import full_scale

Values = NDArray[np.float64]
_ROWS_AT_ONCE = 256


def displayed(
    stored: NDArray[np.integer[Any]], header: Dataset, inverted: bool
) -> NDArray[np.float32]:
    """What a screen shows of a grayscale DICOM image.

    A VOI LUT goes before a window, the first of several is used, and without either (or with one
    that shows nothing of this film) the film's own minimum to maximum is shown. Padding takes no
    part in that and is black in the end.

    Args:
        stored: Decoded pixel data, shape (height, width), signed or unsigned.
        header: The image's elements; read for LUTs, rescale, window and padding.
        inverted: Whether the lowest value means white.

    Returns:
        float32 of shape (height, width) in [0, 1], 0 is black.
    """
    stored = stored.astype(stored.dtype.newbyteorder("="), copy=False)
    padding = _padding(header, signed=stored.dtype.kind == "i")
    low, high = _extent(stored, padding)
    if stored.dtype.itemsize > 2:
        return _shown(stored, low, high, padding, header, inverted)
    unsigned = np.dtype(f"u{stored.dtype.itemsize}")
    patterns = np.arange(2 ** (8 * unsigned.itemsize), dtype=unsigned).view(stored.dtype)
    table = _shown(patterns, low, high, padding, header, inverted)
    pixels = np.empty(stored.shape, np.float32)
    for start in range(0, len(stored), _ROWS_AT_ONCE):  # indices are widened to int64
        rows = slice(start, start + _ROWS_AT_ONCE)
        pixels[rows] = table[np.ascontiguousarray(stored[rows]).view(unsigned)]
    return pixels


def _shown(
    values: NDArray[np.integer[Any]],
    low: int,
    high: int,
    padding: tuple[int, int] | None,
    header: Dataset,
    inverted: bool,
) -> NDArray[np.float32]:
    """The chain for any stored values, of which the film has those from ``low`` to ``high``."""
    meant = _modality(values.astype(np.float64), header)
    own = meant[(values >= low) & (values <= high)]
    bottom, top = float(own.min()), float(own.max())
    voi = _voi(header, signed=bottom < 0)
    shown = None if voi is None else voi(meant)
    if shown is None or not _has_contrast(shown[(values >= low) & (values <= high)]):
        shown = (meant - bottom) / ((top - bottom) or 1.0)
    if inverted:
        shown = 1.0 - shown
    if padding is not None:
        shown[(values >= padding[0]) & (values <= padding[1])] = 0.0
    return np.clip(shown, 0.0, 1.0).astype(np.float32)


def _has_contrast(shown: Values) -> bool:
    return float(shown.max() - shown.min()) > 1 / 255


def _extent(stored: NDArray[np.integer[Any]], padding: tuple[int, int] | None) -> tuple[int, int]:
    """Smallest and largest stored value that is no padding."""
    low, high = int(stored.min()), int(stored.max())
    if padding is None:
        return low, high
    kept = (stored < padding[0]) | (stored > padding[1])
    if not kept.any():
        return low, high
    return int(stored.min(where=kept, initial=high)), int(stored.max(where=kept, initial=low))


def _padding(header: Dataset, signed: bool) -> tuple[int, int] | None:
    """The range of stored values that are padding, ends included."""
    value = header.get("PixelPaddingValue")
    if value is None:
        return None
    limit = header.get("PixelPaddingRangeLimit")
    ends = [int(end) for end in (value, value if limit is None else limit)]
    if signed:  # the two are often mistaken for each other in files
        ends = [end - 2**16 if end >= 2**15 else end for end in ends]
    else:
        ends = [end + 2**16 if end < 0 else end for end in ends]
    return min(ends), max(ends)


def _modality(values: Values, header: Dataset) -> Values:
    """Stored values as the modality means them."""
    luts = header.get("ModalityLUTSequence")
    if luts:
        entries, first, _ = _lut(luts[0], header)
        return _looked_up(values, entries, first)
    slope, intercept = _number(header, "RescaleSlope"), _number(header, "RescaleIntercept")
    return values * (slope or 1.0) + (intercept or 0.0)


def _voi(header: Dataset, signed: bool) -> Callable[[Values], Values] | None:
    """The first VOI LUT, or else the first window, as a function to [0, 1]."""
    luts = header.get("VOILUTSequence")
    if luts:
        entries, first, bits = _lut(luts[0], header)
        first -= 2**16 if signed and first >= 2**15 else 0
        shades = entries / full_scale(int(entries.max()), bits)
        return lambda values: _looked_up(values, shades, first)
    centre, width = _number(header, "WindowCenter"), _number(header, "WindowWidth")
    if centre is None or width is None:
        return None
    return _window(centre, width, str(header.get("VOILUTFunction") or "LINEAR").strip().upper())


def _window(centre: float, width: float, function: str) -> Callable[[Values], Values] | None:
    """A window as a function to [0, 1] (PS3.3 C.11.2.1.2 and C.11.2.1.3); None if it is void."""
    if function == "LINEAR":
        centre, width = centre - 0.5, width - 1.0
        if width == 0:
            return lambda values: (values > centre).astype(np.float64)
    if width <= 0:
        return None
    if function == "SIGMOID":
        return lambda values: 0.5 + 0.5 * np.tanh(2.0 * (values - centre) / width)
    return lambda values: np.clip((values - centre) / width + 0.5, 0.0, 1.0)


def _number(header: Dataset, keyword: str) -> float | None:
    """An element's first value as a finite number; None where there is none."""
    value = header.get(keyword)
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = value[0] if value else None
    if value is None or value == "":
        return None
    number = float(value)
    return number if np.isfinite(number) else None


def _lut(item: Dataset, header: Dataset) -> tuple[Values, int, int]:
    """A LUT's entries, the value that the first one stands for, and the entries' bits."""
    count, first, bits = (int(number) for number in item.LUTDescriptor)
    count = count or 2**16
    data: Any = item.LUTData
    if isinstance(data, bytes):
        little = header.original_encoding[1] is not False
        wide = len(data) >= 2 * count
        data = np.frombuffer(data, ("<u2" if little else ">u2") if wide else "u1", count)
    entries = (np.asarray(data, np.int64) & 0xFFFF).astype(np.float64).reshape(-1)
    return entries, first, min(max(bits, 1), 16)


def _looked_up(values: Values, entries: Values, first: int) -> Values:
    """Entries by value; values before the first or after the last take that one."""
    index = np.clip(np.rint(values) - first, 0, len(entries) - 1)
    found: Values = entries[index.astype(np.intp)]
    return found
