"""Human lung outlines and the films' original sizes, from a folder ``lungs`` beside the films'.

Its layout: ``films.csv`` with ``image``, ``width_px`` and ``height_px`` of each film before it was
squashed, and ``SPLIT/CLASS/NAME.png``, where 1 is lung. Films without an entry have neither.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from core.data.folder import Record

OUTLINES_NAME, SIZES_NAME = "lungs", "films.csv"


def outlines_folder(data: Path) -> Path:
    """Where the outlines of a data folder's films are, if anywhere."""
    return data.parent / OUTLINES_NAME


def read_outline(data: Path, image: str) -> NDArray[np.bool_] | None:
    """Where a human saw lung on a film; None where nobody looked.

    Args:
        data: The data folder.
        image: The film's path below it.

    Returns:
        (224, 224), squashed like the film.
    """
    file = (outlines_folder(data) / image).with_suffix(".png")
    if not file.is_file():
        return None
    with Image.open(file) as outline:
        return np.asarray(outline.convert("1"))


def original_proportions(data: Path, records: Sequence[Record]) -> NDArray[np.float32]:
    """Width over height of films before they were squashed, (N,); 1 where nobody knows."""
    known = _proportions(outlines_folder(data) / SIZES_NAME)
    return np.array([known.get(record.image, 1.0) for record in records], np.float32)


@cache
def _proportions(file: Path) -> dict[str, float]:
    if not file.is_file():
        return {}
    sizes = pd.read_csv(file).dropna(subset=["width_px", "height_px"])
    shares = sizes["width_px"] / sizes["height_px"]
    return dict(zip(sizes["image"], shares.astype(float), strict=True))
