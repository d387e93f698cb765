"""Pixels that are not square: the film is enlarged along their longer side, to its proportions."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset

from core.imaging.bands import bands
from core.imaging.film import MAX_MEGAPIXELS, Notice
from core.imaging.header import numbers

_SQUARE, _ODDEST = 1.01, 5.0
"""Proportions up to which pixels count as square, and beyond which a file is not believed."""

_DICOM = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelAspectRatio")


def dicom_aspect(header: Dataset) -> float:
    """Height of a pixel by its width; 1 where the header says nothing that makes sense."""
    for keyword in _DICOM:  # each names the vertical value first (PS3.3 10.7.1.3 and C.7.6.3.1.7)
        found = numbers(header, keyword)
        if len(found) == 2 and found[0] and found[1]:
            return found[0] / found[1]
    return 1.0


def squared(
    pixels: NDArray[np.float32], aspect: float, oddest: float = _ODDEST
) -> tuple[NDArray[np.float32], tuple[Notice, ...]]:
    """A film in its proportions.

    Args:
        pixels: Shape (height, width), in [0, 1].
        aspect: Height of a pixel by its width.
        oddest: Proportion beyond which the file is not believed.

    Returns:
        The film, enlarged where its pixels are not square, and what to tell of that.
    """
    if not math.isfinite(aspect) or aspect <= 0:
        return pixels, ()
    stretch = max(aspect, 1 / aspect)
    if not _SQUARE < stretch <= oddest or pixels.size * stretch > MAX_MEGAPIXELS * 1_000_000:
        return pixels, ()
    height_px, width_px = pixels.shape
    if aspect > 1:
        height_px = round(height_px * aspect)
    else:
        width_px = round(width_px / aspect)
    # Lines are only made longer, so that bands of them are independent of each other.
    enlarged = np.empty((height_px, width_px), np.float32)
    given, made = (pixels.T, enlarged.T) if aspect > 1 else (pixels, enlarged)
    for lines in bands(given.shape):
        part = Image.fromarray(np.ascontiguousarray(given[lines]))
        longer = part.resize((made.shape[1], part.height), Image.Resampling.BILINEAR)
        made[lines] = np.asarray(longer).clip(0, 1)
    return enlarged, (Notice("film.notice.aspect", {"aspect": f"{aspect:.3g}"}),)
