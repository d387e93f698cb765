"""Is a colour-encoded picture a film? And if so, its luminance.

Every pixel is split into luminance and chroma (red and blue, each less the luminance). Three
kinds of picture are told apart on a sample of the pixels:

* a grey film, perhaps with small coloured marks: hardly any pixel has chroma;
* a tinted film (sepia, blue base, a photograph of a light box): nearly all chroma lies on one
  tint line, that is, has one direction and a strength that the luminance decides;
* a colour photograph: more than a few pixels depart from every such line.
"""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.imaging.stored_values import from_unsigned
from core.messages.errors import ColourPhotograph

NEUTRAL_CHROMA = 12.0
"""Chroma (of 255) up to which a pixel counts as grey; JPEG noise stays well below it."""

TINT_DEPARTURE = 18.0
"""Distance (of 255) from the tint line at which a pixel has a colour of its own."""

MARK_SHARE = 0.05
"""Share of the pixels that coloured marks may cover."""

_SAMPLE_PX = 250_000
_LUMINANCE_BINS = 32
_REC601 = np.array([0.299, 0.587, 0.114], np.float32)


def luminance(rgb: NDArray[np.uint8]) -> tuple[NDArray[np.float32], bool]:
    """The grayscale film in a colour-encoded picture, and whether it was tinted.

    Args:
        rgb: Shape (height, width, 3).

    Returns:
        Rec. 601 luminance, float32 of shape (height, width) in [0, 1] (equal channels are kept
        exactly), and True where a tint was removed.

    Raises:
        ColourPhotograph: The picture has colours that no film has.
    """
    tinted = _is_tinted(rgb)
    grey = Image.fromarray(rgb).convert("L")
    return from_unsigned(np.asarray(grey), bits=8), tinted


def _is_tinted(rgb: NDArray[np.uint8]) -> bool:
    step = max(1, math.isqrt(rgb.shape[0] * rgb.shape[1] // _SAMPLE_PX))
    sample = rgb[::step, ::step].reshape(-1, 3).astype(np.float32)  # (pixels, 3)
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
