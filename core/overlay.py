"""A film with its heatmap over it, as one picture."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from plotly.colors import get_colorscale, sample_colorscale

from core.explain import Heatmap

Pixels = NDArray[np.uint8]
COLOUR_SCALE = "Inferno"
COOLEST_COLOUR = 0.25


def _palette() -> NDArray[np.float32]:
    """(256, 3), float32, in [0, 1]: the colours from the coolest heat to full heat.

    Inferno grows lighter all the way, so it reads alike with every kind of colour vision; its
    black end is left out, since black over a film reads as film.
    """
    steps = np.linspace(COOLEST_COLOUR, 1, 256).tolist()
    colours = sample_colorscale(get_colorscale(COLOUR_SCALE), steps, colortype="tuple")
    return np.array(colours, dtype=np.float32)


def fitted(film: NDArray[np.float32], longest_px: int) -> NDArray[np.float32]:
    """A film whose longer side is no longer than a screen needs, with its aspect ratio kept.

    Args:
        film: (H, W), in [0, 1].
        longest_px: Longest side, in pixels; a smaller film is left as it is.

    Returns:
        (h, w), in [0, 1].
    """
    share = longest_px / max(film.shape)
    if share >= 1:
        return film
    height, width = (max(1, round(side * share)) for side in film.shape)
    image = Image.fromarray(film).resize((width, height), Image.Resampling.BILINEAR)
    shrunk: NDArray[np.float32] = np.clip(np.asarray(image), 0, 1)
    return shrunk


def film_picture(film: NDArray[np.float32]) -> Pixels:
    """A film (H, W) in [0, 1] as (H, W) uint8."""
    return (film * 255).round().astype(np.uint8)


def overlay_picture(film: NDArray[np.float32], heatmap: Heatmap, opacity: float) -> Pixels:
    """A film with its heatmap over it; where there is no heat, the film is left as it is.

    Args:
        film: (H, W), in [0, 1].
        heatmap: Of that film.
        opacity: Of full heat, 0 to 1; a cooler place is more transparent by as much.

    Returns:
        (H, W, 3), uint8, RGB.
    """
    if not 0 <= opacity <= 1:
        raise ValueError(f"opacity must lie between 0 and 1, not {opacity}")
    heat = heatmap.over(*film.shape)
    colours = _palette()[(heat * 255).round().astype(np.uint8)]  # (H, W, 3)
    cover = (opacity * heat)[..., None]
    blended = film[..., None] * (1 - cover) + colours * cover
    return (blended * 255).round().astype(np.uint8)


def legend_picture(opacity: float) -> Pixels:
    """The colours from no heat to full heat, as they look over mid-grey film at an opacity.

    Returns:
        (16, 512, 3), uint8, RGB: no heat at the left, full heat at the right.
    """
    grey = np.full((16, 512), 0.5, dtype=np.float32)
    ramp = np.linspace(0, 1, 512, dtype=np.float32)
    return overlay_picture(grey, Heatmap(np.tile(ramp, (16, 1)), full_heat=1.0), opacity)
