"""Evaluations: ``results/evaluations/MODEL/`` has, a set, SET.json and SET.csv."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.results.folder import results_folder

if TYPE_CHECKING:
    import pandas as pd

TEST, VALIDATION = "test", "validation"
SETS_FIRST = (TEST, VALIDATION)
FRAMES_NAME = "frames"
"""What lies beside the sets: verdicts under frames, ``frames.json`` and ``frames.csv``."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A shipped model's predictions on one set, and its metrics there.

    Args:
        model: The shipped model's name.
        dataset: Which films: ``test``, ``validation`` or a folder's name.
        summary: Metrics with n and intervals, threshold, sha256 of the weights, date.
        predictions: A row a film, columns ``PREDICTION_COLUMNS``.
    """

    model: str
    dataset: str
    summary: Mapping[str, Any]
    predictions: "pd.DataFrame"


@dataclass(frozen=True, slots=True)
class Scores:
    """What a shipped model made of the films of a set.

    Args:
        truth: 0 normal, 1 pneumonia; (films,).
        logit: Calibrated; (films,).
    """

    truth: NDArray[np.int64]
    logit: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.truth)


def read_evaluations(model: str, results: Path | None = None) -> dict[str, Evaluation]:
    """All evaluations of a shipped model, by the name of the set.

    The official test set comes first, then the held-out validation films, then other folders.

    Args:
        model: The shipped model's name.
        results: Folder of results; ``results_folder()`` if None.
    """
    import pandas as pd

    folder = (results or results_folder()) / "evaluations" / model
    names = sorted(file.stem for file in folder.glob("*.json") if file.stem != FRAMES_NAME)
    ordered = [name for name in SETS_FIRST if name in names]
    ordered += [name for name in names if name not in SETS_FIRST]
    return {
        name: Evaluation(
            model=model,
            dataset=name,
            summary=json.loads((folder / f"{name}.json").read_text(encoding="utf-8")),
            predictions=pd.read_csv(folder / f"{name}.csv"),
        )
        for name in ordered
    }


def read_metrics(model: str, dataset: str, results: Path | None = None) -> Mapping[str, Any] | None:
    """The metrics of a shipped model on one set; None where it has not been measured there.

    Args:
        model: The shipped model's name.
        dataset: The set's name.
        results: Folder of results; ``results_folder()`` if None.
    """
    file = (results or results_folder()) / "evaluations" / model / f"{dataset}.json"
    if not file.is_file():
        return None
    metrics: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return metrics


def read_scores(model: str, dataset: str, results: Path | None = None) -> Scores:
    """The scores of a set that a shipped model has been measured on; read without pandas.

    Args:
        model: The shipped model's name.
        dataset: The set's name.
        results: Folder of results; ``results_folder()`` if None.
    """
    file = (results or results_folder()) / "evaluations" / model / f"{dataset}.csv"
    with file.open(encoding="utf-8", newline="") as rows:
        films = [(int(row["truth"]), float(row["logit"])) for row in csv.DictReader(rows)]
    truth, logit = zip(*films, strict=True)
    return Scores(np.array(truth), np.array(logit))
