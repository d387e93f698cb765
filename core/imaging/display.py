"""From a DICOM image's stored values to what a screen shows, by PS3.3 C.11 and PS3.4 N.2.

The order is the standard's: modality LUT or rescale, then VOI LUT or window, then inversion.
Where each step is a function of the stored value alone, so is their chain: it is computed once
for each possible value and looked up for each pixel, exact and without float64 images.

pydicom's own ``apply_windowing`` and ``apply_voi`` are not used, for a negative rescale slope
turns the former's output round and 8-bit entries make the latter's index overflow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.imaging.bands import bands
from core.imaging.film import Notice
from core.imaging.header import code, number
from core.imaging.luts import read_table
from core.imaging.shutters import Mask, collimated, shuttered

Values = NDArray[np.float64]
Voi = Callable[[Values], Values]
_SAMPLED_PIXELS = 500_000
_LEAST_INSIDE = 0.05
"""Share of the film that must lie inside a window or a table for it to be one for this film."""

_LEAST_SPAN, _CLIPPED = 2 / 255, 0.002
_DEAD_SHARE, _DEAD_SPAN = 1e-4, 2.0
"""So small a share of pixels that widens the film's range so much is dead or hot, and no film."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """Stored values that occur in the film proper, ascending, and how often each does."""

    values: NDArray[Any]
    counts: NDArray[np.int64]

    def quantiles(self, meant: Values, *shares: float) -> list[float]:
        """Quantiles of what the sampled values mean, in ``meant``."""
        order = np.argsort(meant, kind="stable")
        reached = np.cumsum(self.counts[order])
        places = [np.searchsorted(reached, share * reached[-1]) for share in shares]
        return [float(meant[order[min(int(place), len(order) - 1)]]) for place in places]

    def share(self, chosen: NDArray[np.bool_]) -> float:
        """Share of the pixels whose values are chosen."""
        return float(self.counts[chosen].sum() / self.counts.sum())


def displayed(
    stored: NDArray[Any], header: Dataset, inverted: bool
) -> tuple[NDArray[np.float32], tuple[Notice, ...]]:
    """What a screen shows of a grayscale DICOM image.

    A VOI LUT goes before a window, the first of several is used, and without either (or with one
    that shows nothing of this film) the film's own minimum to maximum is shown. Padding and what
    a shutter covers take no part in that and are black in the end; what lies outside the
    collimator takes no part.

    Args:
        stored: Decoded pixel data, shape (height, width), integers or floats.
        header: The image's elements; read for LUTs, rescale, window, padding and shutters.
        inverted: Whether the lowest value means white.

    Returns:
        float32 of shape (height, width) in [0, 1], 0 is black; and what to tell of that.

    Raises:
        OverflowError: The header makes values of them that no film has.
    """
    stored = stored.astype(stored.dtype.newbyteorder("="), copy=False)
    padding = _padding(header, stored.dtype)
    shutter = shuttered(header, stored.shape)
    chain = _Chain(header, _sample(stored, padding, shutter, header), inverted)
    if stored.dtype.kind == "f" or stored.dtype.itemsize > 2:
        pixels = np.empty(stored.shape, np.float32)
        for rows in bands(stored.shape):
            pixels[rows] = chain(stored[rows], padding)
    else:
        unsigned = np.dtype(f"u{stored.dtype.itemsize}")
        patterns = np.arange(2 ** (8 * unsigned.itemsize), dtype=unsigned).view(stored.dtype)
        table = chain(patterns, padding)
        pixels = np.empty(stored.shape, np.float32)
        for rows in bands(stored.shape):  # indices are widened to int64
            pixels[rows] = table[np.ascontiguousarray(stored[rows]).view(unsigned)]
    if shutter is not None:
        pixels[shutter] = 0.0
    return pixels, chain.notices


def own_range(stored: NDArray[Any], header: Dataset) -> tuple[float, float]:
    """What ``displayed`` shows from black to white where the file does not say.

    Returns:
        Two values as the modality means them, the second not under the first.
    """
    stored = stored.astype(stored.dtype.newbyteorder("="), copy=False)
    shutter = shuttered(header, stored.shape)
    sample = _sample(stored, _padding(header, stored.dtype), shutter, header)
    return _own_range(sample, _modality(header)(sample.values.astype(np.float64)))


class _Chain:
    """The chain of steps for one film, decided on what its pixels show."""

    def __init__(self, header: Dataset, sample: _Sample, inverted: bool) -> None:
        self._inverted = inverted
        self.notices: tuple[Notice, ...] = ()
        self._modality = _modality(header)
        with np.errstate(all="ignore"):
            meant = self._modality(sample.values.astype(np.float64))
        if not np.isfinite(meant).all():
            raise OverflowError("values that no film has")
        self._bottom, self._top = _own_range(sample, meant)
        self._voi = _voi(header, is_signed=self._bottom < 0)
        if self._voi is not None and not _shows(self._voi(meant), sample):
            self._voi = None
            self.notices = (Notice("film.notice.window"),)

    def __call__(self, stored: NDArray[Any], padding: tuple[float, float] | None) -> Any:
        """float32 in [0, 1] of any stored values."""
        with np.errstate(all="ignore"):
            meant = self._modality(stored.astype(np.float64))
            if self._voi is not None:
                shown = self._voi(meant)
            else:
                shown = (meant - self._bottom) / ((self._top - self._bottom) or 1.0)
            if self._inverted:
                shown = 1.0 - shown
        if padding is not None:
            shown[(stored >= padding[0]) & (stored <= padding[1])] = 0.0
        shown[~np.isfinite(shown)] = 0.0
        return np.clip(shown, 0.0, 1.0).astype(np.float32)


def _shows(shown: Values, sample: _Sample) -> bool:
    """Whether a window or a table shows this film: enough pixels inside, and not all alike.

    The extremes say nothing: one dead pixel, or a black border, may be all that a wrong window
    tells apart from the rest.
    """
    inside = sample.share((shown > _CLIPPED) & (shown < 1.0 - _CLIPPED))
    low, high = sample.quantiles(shown, 0.005, 0.995)
    return inside >= _LEAST_INSIDE and high - low >= _LEAST_SPAN


def _own_range(sample: _Sample, meant: Values) -> tuple[float, float]:
    """What is shown from black to white where the file does not say: all but dead pixels."""
    bottom, top = float(meant.min()), float(meant.max())
    low, high = sample.quantiles(meant, _DEAD_SHARE, 1 - _DEAD_SHARE)
    if high > low and top - bottom > _DEAD_SPAN * (high - low):
        return low, high
    return bottom, top


def _sample(
    stored: NDArray[Any],
    padding: tuple[float, float] | None,
    shutter: Mask | None,
    header: Dataset,
) -> _Sample:
    """The values of the film proper; all of them where nothing would be left."""
    masks = (shutter, collimated(header, stored.shape))
    hidden = [mask for mask in masks if mask is not None]
    values, counts = _counted(stored[~np.logical_or.reduce(hidden)] if hidden else stored)
    if values.dtype.kind == "f":
        values, counts = values[np.isfinite(values)], counts[np.isfinite(values)]
    if padding is not None:
        film = (values < padding[0]) | (values > padding[1])
        if film.any():
            values, counts = values[film], counts[film]
    if not values.size:
        return _Sample(np.zeros(1, stored.dtype), np.ones(1, np.int64))
    return _Sample(values, counts)


def _counted(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Values that occur, ascending, and how often."""
    if values.dtype.kind == "f" or values.dtype.itemsize > 2:
        step = max(1, values.size // _SAMPLED_PIXELS)
        ends = np.array([values.min(), values.max()]) if values.size else values
        return np.unique(np.concatenate([values.ravel()[::step], ends]), return_counts=True)
    unsigned = np.ascontiguousarray(values).view(f"u{values.dtype.itemsize}").ravel()
    counts = np.zeros(2 ** (8 * values.dtype.itemsize), np.int64)
    for part in bands(unsigned.shape):  # which are widened to int64
        counts += np.bincount(unsigned[part], minlength=len(counts))
    present = np.flatnonzero(counts)
    found = present.astype(unsigned.dtype).view(values.dtype)
    order = np.argsort(found)
    return found[order], counts[present][order]


def _padding(header: Dataset, kind: np.dtype[Any]) -> tuple[float, float] | None:
    """The range of stored values that are padding, ends included."""
    prefix = "" if kind.kind != "f" else "Float" if kind.itemsize == 4 else "DoubleFloat"
    value = number(header, f"{prefix}PixelPaddingValue")
    if value is None:
        return None
    limit = number(header, f"{prefix}PixelPaddingRangeLimit")
    ends = [value, value if limit is None else limit]
    if kind.kind == "i":  # the two are often mistaken for each other in files
        ends = [end - 2**16 if end >= 2**15 else end for end in ends]
    elif kind.kind == "u":
        ends = [end + 2**16 if end < 0 else end for end in ends]
    return min(ends), max(ends)


def _modality(header: Dataset) -> Voi:
    """Stored values as the modality means them."""
    luts = header.get("ModalityLUTSequence")
    if luts:
        table = read_table(luts[0], "LUTDescriptor", "LUTData", _is_little(header))
        if table is not None:
            return table.look_up
    slope = number(header, "RescaleSlope") or 1.0
    intercept = number(header, "RescaleIntercept") or 0.0
    return lambda values: values * slope + intercept


def _voi(header: Dataset, is_signed: bool) -> Voi | None:
    """The first VOI LUT, or else the first window, as a function to [0, 1]."""
    luts = header.get("VOILUTSequence")
    if luts:
        table = read_table(luts[0], "LUTDescriptor", "LUTData", _is_little(header), is_signed)
        if table is not None and table.top > 0:
            return lambda values: table.look_up(values) / table.top
    centre, width = number(header, "WindowCenter"), number(header, "WindowWidth")
    if centre is None or width is None:
        return None
    return _window(centre, width, code(header, "VOILUTFunction") or "LINEAR")


def _window(centre: float, width: float, function: str) -> Voi | None:
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


def _is_little(header: Dataset) -> bool:
    return getattr(header, "original_encoding", (None, True))[1] is not False
