"""Finished runs: ``results/runs/NAME/`` holds run.json, history.csv and predictions.csv."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.messages.errors import RunMissing
from core.results.folder import results_folder
from core.results.packs import SUMMARY, run_file

if TYPE_CHECKING:
    import pandas as pd

TEST_LOGITS = "test_logits.csv"
"""What a run of a study makes of the test films, before anybody compares it with their labels."""
STRESS = "stress.csv"
"""What a run makes of the films that it held out, under every stress condition."""
OUT_OF_SERIES = "out_of_series.csv"
"""What a run that was trained without a series of normal films makes of these."""
HISTORY_COLUMNS = (
    "epoch",
    "train_loss",
    "val_loss",
    "val_accuracy",
    "val_auroc",
    "learning_rate",
    "seconds",
)


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
    history: "pd.DataFrame"
    predictions: "pd.DataFrame"


def read_run(folder: Path) -> Run:
    """Read a run, from its folder or from its study's pack.

    Raises:
        RunMissing: There is no finished run of that name.
    """
    import pandas as pd

    files = [run_file(folder, name) for name in (SUMMARY, "history.csv", "predictions.csv")]
    summary, history, predictions = files
    if summary is None or history is None or predictions is None:
        raise RunMissing(folder=folder.name)
    return Run(
        name=folder.name,
        summary=json.loads(summary),
        history=pd.read_csv(BytesIO(history)),
        predictions=pd.read_csv(BytesIO(predictions)),
    )


def read_runs(results: Path | None = None) -> tuple[Run, ...]:
    """All finished runs, by name.

    Args:
        results: Folder of results; ``results_folder()`` if None.
    """
    found = sorted(((results or results_folder()) / "runs").glob("*/run.json"))
    return tuple(read_run(file.parent) for file in found)
