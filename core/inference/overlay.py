"""A film with its heatmap over it: as one picture, as a table of colours, or as contour lines."""

from functools import cache, lru_cache

import numpy as np
from contourpy import contour_generator
from numpy.typing import NDArray
from PIL import Image
from plotly.colors import get_colorscale, sample_colorscale

from core.inference.heatmap import Heatmap

Pixels = NDArray[np.uint8]
OPACITY = 0.5
"""Of the heat over a film, unless a reader chooses another."""
COLOUR_MAPS = ("Inferno", "Viridis", "Cividis", "Plasma")
"""All grow lighter all the way: they read alike with every kind of colour vision, and in print."""

COOLEST_COLOUR = 0.25
LOWEST_CONTOUR = 0.25
CONTOURS = 3
_GRID = 256


@cache
def _palette(colour_map: str) -> NDArray[np.float32]:
    """(256, 3), float32, in [0, 1]: the colours from the coolest heat to full heat.

    The dark end of a map is left out, since black over a film reads as film.
    """
    steps = np.linspace(COOLEST_COLOUR, 1, 256).tolist()
    colours = sample_colorscale(get_colorscale(colour_map), steps, colortype="tuple")
    return np.array(colours, dtype=np.float32)


def heat_table(
    opacity: float, colour_map: str = COLOUR_MAPS[0], threshold: float = 0.0
) -> NDArray[np.float32]:
    """How each heat is drawn, the one definition for page, legend and file.

    Args:
        opacity: Of full heat, 0 to 1; a cooler place is more transparent by as much.
        colour_map: One of ``COLOUR_MAPS``.
        threshold: Heat under it, 0 to 1, is not drawn.

    Returns:
        (256, 4), float32, in [0, 1]: red, green, blue and cover for heat from 0 to 1.
    """
    for name, value in (("opacity", opacity), ("threshold", threshold)):
        if not 0 <= value <= 1:
            raise ValueError(f"{name} must lie between 0 and 1, not {value}")
    heat = np.linspace(0, 1, 256, dtype=np.float32)
    cover = np.where(heat >= np.float32(threshold), opacity * heat, 0)
    return np.column_stack([_palette(colour_map), cover]).astype(np.float32)


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


def overlay_picture(
    film: NDArray[np.float32],
    heatmap: Heatmap,
    opacity: float,
    colour_map: str = COLOUR_MAPS[0],
    threshold: float = 0.0,
) -> Pixels:
    """A film with its heatmap over it; where there is no heat, the film is left as it is.

    Args:
        film: (H, W), in [0, 1].
        heatmap: Of that film.
        opacity: As ``heat_table`` has it, and so ``colour_map`` and ``threshold``.
        colour_map: One of ``COLOUR_MAPS``.
        threshold: Heat under it is not drawn.

    Returns:
        (H, W, 3), uint8, RGB.
    """
    heat = film_picture(heatmap.over(*film.shape)).astype(np.uint16)
    both = heat << 8 | film_picture(film)
    picture: Pixels = np.take(_blends(opacity, colour_map, threshold), both, axis=0)
    return picture


@lru_cache(maxsize=8)
def _blends(opacity: float, colour_map: str, threshold: float) -> Pixels:
    """(65536, 3), uint8, RGB: what 256 times the heat plus the film's grey looks like."""
    table = heat_table(opacity, colour_map, threshold)[:, None]  # (256, 1, 4)
    grey = np.linspace(0, 1, 256, dtype=np.float32)[None, :, None]
    cover = table[..., 3:]
    blended = grey * (1 - cover) + table[..., :3] * cover  # (256, 256, 3)
    return (blended * 255).round().astype(np.uint8).reshape(-1, 3)


def legend_picture(
    opacity: float, colour_map: str = COLOUR_MAPS[0], threshold: float = 0.0
) -> Pixels:
    """The colours from no heat to full heat, as they look over mid-grey film.

    Returns:
        (16, 512, 3), uint8, RGB: no heat at the left, full heat at the right.
    """
    grey = np.full((16, 512), 0.5, dtype=np.float32)
    ramp = np.linspace(0, 1, 512, dtype=np.float32)
    heatmap = Heatmap(np.tile(ramp, (16, 1)), full_heat=1.0)
    return overlay_picture(grey, heatmap, opacity, colour_map, threshold)


def contour_levels(threshold: float) -> tuple[float, ...]:
    """The heats that lines are drawn at: the threshold, at least a quarter, and two above it.

    Examples:
        >>> contour_levels(0.0), contour_levels(0.4)
        ((0.25, 0.5, 0.75), (0.4, 0.6, 0.8))
    """
    first = max(threshold, LOWEST_CONTOUR)
    return tuple(round(first + step * (1 - first) / CONTOURS, 2) for step in range(CONTOURS))


def contour_lines(heatmap: Heatmap, level: float) -> list[NDArray[np.float32]]:
    """The lines of one heat over the film.

    Args:
        heatmap: Of a film.
        level: Heat, over 0 and under 1.

    Returns:
        A line each: (N, 2), x and y in shares of the film's width and height, 0 to 1. None where
        the film is nowhere as hot; a line ends where it meets the film's edge.
    """
    middles = (np.arange(_GRID) + 0.5) / _GRID
    generator = contour_generator(middles, middles, heatmap.over(_GRID, _GRID))
    return [np.asarray(line, dtype=np.float32) for line in generator.lines(level)]
