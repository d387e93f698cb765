"""The film, and the film with its heatmap, as exported pictures."""

from io import BytesIO

import numpy as np
from PIL import Image

from core.inference.overlay import OPACITY, Pixels, film_picture, fitted, overlay_picture
from core.inference.reading import Reading

"""Of full heat, as the page begins with."""


def film_and_overlay(reading: Reading, longest_px: int) -> tuple[Pixels, Pixels]:
    """Both at the same size: the film (h, w), and with its heatmap (h, w, 3), uint8.

    Args:
        reading: The film and its diagnosis.
        longest_px: Longest side; a smaller film keeps its own size.
    """
    film = fitted(reading.film.pixels, longest_px)
    return film_picture(film), overlay_picture(film, reading.diagnosis.heatmap, OPACITY)


def jpeg(pixels: Pixels) -> BytesIO:
    """A picture as JPEG, so finely that no eye sees it."""
    file = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "JPEG", quality=95, subsampling=0)
    file.seek(0)
    return file
