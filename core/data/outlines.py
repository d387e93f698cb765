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
from core.messages.errors import FolderMissing

OUTLINES_NAME, SIZES_NAME = "lungs", "films.csv"


def outlines_folder(data: Path) -> Path:
    """Where the outlines of a data folder's films are, if anywhere."""
    return data.parent / OUTLINES_NAME


def has_outline(data: Path, image: str) -> bool:
    """Whether a human outlined the lungs of a film."""
    return _outline_file(data, image).is_file()


def read_outline(data: Path, image: str) -> NDArray[np.bool_] | None:
    """Where a human saw lung on a film; None where nobody looked.

    Args:
        data: The data folder.
        image: The film's path below it.

    Returns:
        (224, 224), squashed like the film.
    """
    if not has_outline(data, image):
        return None
    with Image.open(_outline_file(data, image)) as outline:
        return np.asarray(outline.convert("1"))


def outlined(data: Path, records: Sequence[Record]) -> tuple[Record, ...]:
    """The films that a human outlined the lungs of.

    Raises:
        FolderMissing: There is no folder of outlines beside the data folder.
    """
    if not outlines_folder(data).is_dir():
        raise FolderMissing(folder=outlines_folder(data))
    return tuple(record for record in records if has_outline(data, record.image))


def read_outlines(data: Path, records: Sequence[Record]) -> NDArray[np.bool_]:
    """The outlines of films that all have one, (N, 224, 224)."""
    each = (read_outline(data, record.image) for record in records)
    return np.stack([outline for outline in each if outline is not None])


def _outline_file(data: Path, image: str) -> Path:
    return (outlines_folder(data) / image).with_suffix(".png")


def lung_heights(data: Path, records: Sequence[Record]) -> NDArray[np.float32]:
    """How high the lungs that a human outlined are in the film before it was squashed.

    Returns:
        (N,), in pixels; NaN where outline or size is unknown.
    """
    heights = _heights(outlines_folder(data) / SIZES_NAME)
    found = np.full(len(records), np.nan, np.float32)
    for place, record in enumerate(records):
        outline = read_outline(data, record.image)
        if outline is None or record.image not in heights or not outline.any():
            continue
        rows = np.flatnonzero(outline.any(axis=1))
        share = (rows[-1] + 1 - rows[0]) / outline.shape[0]
        found[place] = heights[record.image] * share
    return found


def original_proportions(data: Path, records: Sequence[Record]) -> NDArray[np.float32]:
    """Width over height of films before they were squashed, (N,).

    Where a film's is not known it is the median of those that are, and 1 where none is.
    """
    known = _proportions(outlines_folder(data) / SIZES_NAME)
    own = [known[record.image] for record in records if record.image in known]
    usual = float(np.median(own)) if own else 1.0
    return np.array([known.get(record.image, usual) for record in records], np.float32)


@cache
def _proportions(file: Path) -> dict[str, float]:
    sizes = _sizes(file)
    shares = sizes["width_px"] / sizes["height_px"]
    return dict(zip(sizes["image"], shares.astype(float), strict=True))


@cache
def _heights(file: Path) -> dict[str, float]:
    sizes = _sizes(file)
    return dict(zip(sizes["image"], sizes["height_px"].astype(float), strict=True))


def _sizes(file: Path) -> pd.DataFrame:
    """The films whose size before they were squashed is known; none where there is no file."""
    columns = ["image", "width_px", "height_px"]
    if not file.is_file():
        return pd.DataFrame(columns=columns)
    return pd.read_csv(file, usecols=columns).dropna()
