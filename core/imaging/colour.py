"""Is a colour-encoded picture a film? And if so, its luminance.

Every pixel is split into luminance and chroma (red and blue, each less the luminance). Three
kinds of picture are told apart on a sample of the pixels:

* a grey film, perhaps with small coloured marks: hardly any pixel has chroma;
* a tinted film (sepia, blue base, a photograph of a light box): nearly all chroma lies on one
  tint line, that is, has one direction and a strength that the luminance decides;
* a colour photograph: more than a few pixels depart from every such line.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.imaging.bands import bands
from core.imaging.film import Notice
from core.imaging.stored_values import from_unsigned, full_scale
from core.messages.errors import ColourPhotograph

NEUTRAL_CHROMA = 12.0
"""Chroma (of 255) up to which a pixel counts as grey; JPEG noise stays well below it."""

TINT_DEPARTURE = 18.0
"""Distance (of 255) from the tint line at which a pixel has a colour of its own."""

MARK_SHARE = 0.05
"""Share of the pixels that coloured marks may cover."""

_SAMPLE_PX = 250_000
_NEUTRAL_DEPARTURE = 6
_LUMINANCE_BINS = 32
_REC601 = np.array([0.299, 0.587, 0.114], np.float32)


def luminance(rgb: NDArray[Any], bits: int = 8) -> tuple[NDArray[np.float32], tuple[Notice, ...]]:
    """The grayscale film in a colour-encoded picture.

    Args:
        rgb: Shape (height, width, 3), unsigned.
        bits: Of one value.

    Returns:
        Rec. 601 luminance, float32 of shape (height, width) in [0, 1] (equal channels are kept
        exactly), and what to tell: that a tint was removed, or that the colours were in another
        system than the file says.

    Raises:
        ColourPhotograph: The picture has colours that no film has.
    """
    step = max(1, math.isqrt(rgb.shape[0] * rgb.shape[1] // _SAMPLE_PX))
    sample = (rgb[::step, ::step] >> max(bits - 8, 0)).astype(np.uint8).reshape(-1, 3)
    if _is_luminance_and_chroma(sample):
        return from_unsigned(rgb[..., 0], bits), (Notice("film.notice.mislabelled"),)
    notices = (Notice("film.notice.tint"),) if _is_tinted(sample) else ()
    if bits > 8 and all(_is_grey(rgb[rows]) for rows in bands(rgb.shape)):
        return from_unsigned(rgb[..., 0], bits), notices
    scale = np.float32(full_scale(int(rgb.max()), bits))
    grey = np.empty(rgb.shape[:2], np.float32)
    for rows in bands(rgb.shape):
        if bits <= 8:
            picture = Image.fromarray(rgb[rows].astype(np.uint8, copy=False)).convert("L")
            grey[rows] = from_unsigned(np.asarray(picture), bits=8)
        else:
            grey[rows] = np.clip((rgb[rows].astype(np.float32) @ _REC601) / scale, 0.0, 1.0)
    return grey, notices


def _is_grey(rgb: NDArray[Any]) -> bool:
    return bool((rgb == rgb[..., :1]).all())


def _is_luminance_and_chroma(colours: NDArray[np.uint8]) -> bool:
    """Whether what should be red, green and blue is the luminance and chroma of a grey film.

    Then the second and third value are 128 nearly everywhere, whatever the first one shows.
    """
    sample = colours.astype(np.int16)  # (pixels, 3)
    neutral = (np.abs(sample[:, 1:] - 128) <= _NEUTRAL_DEPARTURE).all(axis=1)
    span = np.ptp(np.percentile(sample[:, 0], (1, 99)))
    return bool(neutral.mean() >= 1 - MARK_SHARE and span > 4 * _NEUTRAL_DEPARTURE)


def _is_tinted(rgb: NDArray[np.uint8]) -> bool:
    sample = rgb.astype(np.float32)  # (pixels, 3)
    light = sample @ _REC601  # (pixels,)
    chroma = sample[:, ::2] - light[:, None]  # (pixels, 2)
    coloured = np.hypot(chroma[:, 0], chroma[:, 1]) > NEUTRAL_CHROMA
    if coloured.mean() <= MARK_SHARE:
        return False
    departure = _departure(chroma, light, np.median(chroma[coloured], axis=0))
    if np.mean(departure > TINT_DEPARTURE) > MARK_SHARE:
        raise ColourPhotograph
    return True


def _departure(
    chroma: NDArray[np.float32], light: NDArray[np.float32], tint: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Distance of every pixel's chroma from the tint line, of 255.

    Args:
        chroma: Shape (pixels, 2).
        light: Luminance, shape (pixels,) in [0, 255].
        tint: The line's direction, shape (2,), of any length.
    """
    direction = tint / max(float(np.hypot(*tint)), 1e-6)
    along = chroma @ direction
    across = chroma @ np.array([-direction[1], direction[0]])
    bins = np.minimum(light * (_LUMINANCE_BINS / 256), _LUMINANCE_BINS - 1).astype(np.intp)
    usual = np.zeros(_LUMINANCE_BINS, np.float32)  # the tint's strength at each luminance
    for index in np.unique(bins):
        usual[index] = np.median(along[bins == index])
    distance: NDArray[np.float32] = np.hypot(across, along - usual[bins])
    return distance
