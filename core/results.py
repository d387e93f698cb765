"""Results as data: the folders that training and evaluation write, and that everything reads.

``results/runs/NAME/`` is a finished run: run.json, history.csv, predictions.csv.
``results/evaluations/MODEL/`` holds, for each set, SET.json (metrics) and SET.csv (predictions).
``results/test_looks.csv`` logs every time labels of the official test set were looked at.
``results/data/`` is the summary of the data folder, ``results/synthetic/`` what the generator drew
and what it is worth. ``READING_ROOM_RESULTS`` names another folder to read from.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data.folder import Record
from core.errors import RunMissing
from core.labels import target_of

RESULTS_FOLDER = Path(__file__).resolve().parents[1] / "results"
RESULTS_VARIABLE = "READING_ROOM_RESULTS"
SYNTHETIC_FOLDER = "synthetic"
"""Of the generator, below the folder of results."""

TEST, VALIDATION = "test", "validation"
SETS_FIRST = (TEST, VALIDATION)
TEST_LOGITS = "test_logits.csv"
"""What a run of a study makes of the test films, before anybody compares it with their labels."""
HISTORY_COLUMNS = (
    "epoch",
    "train_loss",
    "val_loss",
    "val_accuracy",
    "val_auroc",
    "learning_rate",
    "seconds",
)
LOOK_COLUMNS = ("date", "model", "version", "weights_sha256", "why", "threshold", "n")
LOGGED_METRICS = ("accuracy", "auroc", "sensitivity", "specificity", "ece")
LATENCY_COLUMNS = (
    "architecture",
    "size_px",
    "params",
    "gflops",
    "file_mb",
    "ms",
    "ms_quickest",
    "cpu",
)
PREDICTION_COLUMNS = ("image", "patient", "split", "truth", "logit")


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run.

    Args:
        name: Its folder's name.
        summary: run.json: configuration, versions, data, splits, best epoch, metrics.
        history: A row an epoch, columns ``HISTORY_COLUMNS``.
        predictions: A row a validation film, columns ``PREDICTION_COLUMNS``.
    """

    name: str
    summary: Mapping[str, Any]
    history: pd.DataFrame
    predictions: pd.DataFrame


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
    predictions: pd.DataFrame


def results_folder() -> Path:
    """The folder that results are read from: ``READING_ROOM_RESULTS``, or the repository's."""
    return Path(os.environ.get(RESULTS_VARIABLE) or RESULTS_FOLDER)


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file that a reader never sees half written."""
    draft = _draft_of(file)
    draft.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(file)


def write_table(file: Path, table: pd.DataFrame) -> None:
    """Write a CSV file that a reader never sees half written."""
    draft = _draft_of(file)
    table.to_csv(draft, index=False, float_format="%.6g")
    draft.replace(file)


def _draft_of(file: Path) -> Path:
    """A name to write under first, which no other process has."""
    return file.with_name(f".{file.name}.{uuid4().hex}.draft")


def read_run(folder: Path) -> Run:
    """Read a run folder.

    Raises:
        RunMissing: There is no finished run in it.
    """
    if not (folder / "run.json").is_file():
        raise RunMissing(folder=folder.name)
    return Run(
        name=folder.name,
        summary=json.loads((folder / "run.json").read_text(encoding="utf-8")),
        history=pd.read_csv(folder / "history.csv"),
        predictions=pd.read_csv(folder / "predictions.csv"),
    )


def read_runs(results: Path | None = None) -> tuple[Run, ...]:
    """All finished runs, by name.

    Args:
        results: Folder of results; ``results_folder()`` if None.
    """
    found = sorted(((results or results_folder()) / "runs").glob("*/run.json"))
    return tuple(read_run(file.parent) for file in found)


def read_evaluations(model: str, results: Path | None = None) -> dict[str, Evaluation]:
    """All evaluations of a shipped model, by the name of the set.

    The official test set comes first, then the held-out validation films, then other folders.

    Args:
        model: The shipped model's name.
        results: Folder of results; ``results_folder()`` if None.
    """
    folder = (results or results_folder()) / "evaluations" / model
    names = sorted(file.stem for file in folder.glob("*.json"))
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


def read_latency(results: Path | None = None) -> pd.DataFrame:
    """What each architecture costs, columns ``LATENCY_COLUMNS``; no rows before it was measured.

    Args:
        results: Folder of results; ``results_folder()`` if None.
    """
    file = (results or results_folder()) / "latency.csv"
    if not file.is_file():
        return pd.DataFrame(columns=list(LATENCY_COLUMNS))
    return pd.read_csv(file)


def films_table(records: Sequence[Record]) -> pd.DataFrame:
    """Films as a table: ``image``, ``patient``, ``split`` and ``truth``, a row a film."""
    return pd.DataFrame(
        {
            "image": [record.image for record in records],
            "patient": [record.patient for record in records],
            "split": [record.split for record in records],
            "truth": [int(target_of(record.label)) for record in records],
        }
    )


def predictions_table(records: Sequence[Record], logits: NDArray[np.float32]) -> pd.DataFrame:
    """Predictions as a table with the columns of predictions.csv.

    Args:
        records: The N films.
        logits: (N,), of pneumonia, in the same order.
    """
    return films_table(records).assign(logit=logits)


def log_look(summary: dict[str, Any], why: str, results: Path = RESULTS_FOLDER) -> None:
    """Add a row to the log of looks at test labels."""
    file = results / "test_looks.csv"
    known = {**summary, "why": why}
    look = {column: known[column] for column in LOOK_COLUMNS}
    look |= {name: summary[name]["value"] for name in LOGGED_METRICS}
    row = pd.DataFrame([look])
    row.to_csv(file, mode="a", header=not file.is_file(), index=False, float_format="%.6g")
