"""Brightness and framing of the training films, so that other films can be held against them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.folder import Record, read_films, training_pool
from core.data.labels import CLASSES
from core.data.outlines import read_outline

MEASURES = ("brightness", "lungs")
"""A film's mean grey from 0 (black) to 1 (white), and the share of it that is lung."""

PERCENTILES = (5, 25, 50, 75, 95)
TRAINING_COLUMNS = ("measure", "label", "films", *(f"p{each}" for each in PERCENTILES))


def describe_training_films(root: Path) -> pd.DataFrame:
    """Measure the training films of a data folder.

    Args:
        root: The data folder; a film's lungs are its human outline, where it has one.

    Returns:
        A row a measure and class, columns ``TRAINING_COLUMNS``.

    Raises:
        DataError: As ``training_pool``; or a film cannot be read.
    """
    records = training_pool(root)
    films = pd.DataFrame(
        {
            "label": [str(record.label) for record in records],
            "brightness": [float(film.pixels.mean()) for film in read_films(root, records)],
            "lungs": _lung_shares(root, records),
        }
    )
    rows = []
    for measure in MEASURES:
        for label in CLASSES:
            values = films.loc[films["label"] == label, measure].dropna()
            if len(values):
                rows.append((measure, label, len(values), *np.percentile(values, PERCENTILES)))
    return pd.DataFrame(rows, columns=list(TRAINING_COLUMNS))


def _lung_shares(root: Path, records: Sequence[Record]) -> list[float]:
    outlines = (read_outline(root, record.image) for record in records)
    return [float("nan") if outline is None else float(outline.mean()) for outline in outlines]
