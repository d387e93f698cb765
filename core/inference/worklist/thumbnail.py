"""A small picture of a film, as an address that carries the picture itself."""

import base64
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.inference.overlay import film_picture, fitted

SIDE_PX = 96


def thumbnail(film: NDArray[np.float32]) -> str:
    """A film as a ``data:`` address of a JPEG, so that no server has to keep the picture.

    Args:
        film: (H, W), in [0, 1].
    """
    file = BytesIO()
    Image.fromarray(film_picture(fitted(film, SIDE_PX))).save(file, "JPEG", quality=70)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
