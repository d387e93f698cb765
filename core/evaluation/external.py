"""A set from elsewhere by view, beside what a mere thumbnail scores there.

Sick patients are filmed lying down, and that shows in a thumbnail of 8 x 8 pixels. So a high figure
on such a set is no proof of reading disease; only what is above the thumbnail's, in one view, is.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.data.folder import Record, read_films
from core.imaging.preprocess import resize, squash
from core.metrics.classification import with_intervals
from core.results.predictions import predictions_table

VIEWS_FILE = "views.csv"
THUMBNAIL_PX, FOLDS = 8, 5


def beside(
    root: Path, records: Sequence[Record], predictions: pd.DataFrame, threshold: float
) -> dict[str, Any]:
    """What a set's figures are to be held against.

    Args:
        root: The set's folder; ``views.csv`` in it, with ``image`` and ``view``, tells the views.
        records: Its films.
        predictions: A model's, as predictions.csv.
        threshold: The operating point.

    Returns:
        ``views``: metrics of each view, or None where no film's view is known. ``thumbnail``: its
        ``side_px``, the ``folds`` of its cross-validation over patients, and its ``auroc``; None
        where there are too few patients.
    """
    return {
        "views": by_view(root, predictions, threshold),
        "thumbnail": thumbnail_figures(root, records),
    }


def by_view(root: Path, predictions: pd.DataFrame, threshold: float) -> dict[str, Any] | None:
    """Metrics of the films of each view, by ``with_intervals``; None if no view is known."""
    file = root / VIEWS_FILE
    if not file.is_file():
        return None
    known = pd.read_csv(file).set_index("image")["view"]
    views = predictions["image"].map(known)
    return {
        str(view): with_intervals(predictions[views == view], threshold)
        for view in sorted(views.dropna().unique())
    }


def thumbnail_figures(root: Path, records: Sequence[Record]) -> dict[str, Any] | None:
    """What a logistic regression on thumbnails scores, by cross-validation over patients."""
    table = predictions_table(records, np.zeros(len(records), np.float32))
    patients = table.groupby("truth")["patient"].nunique()
    if len(patients) < 2 or patients.min() < FOLDS:
        return None
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    logits = cross_val_predict(
        model,
        thumbnails(root, records),
        table["truth"],
        groups=table["patient"],
        cv=folds,
        method="decision_function",
    )
    auroc = with_intervals(table.assign(logit=logits), 0.5)["auroc"]
    return {"side_px": THUMBNAIL_PX, "folds": FOLDS, "auroc": auroc}


def thumbnails(root: Path, records: Sequence[Record]) -> NDArray[np.float32]:
    """Films as thumbnails: (N, 64), in [0, 1].

    Raises:
        FilmUnreadable: A film cannot be read.
    """
    films = (squash(film.pixels) for film in read_films(root, records))
    return np.stack([resize(film, THUMBNAIL_PX).numpy().ravel() for film in films])
