"""The log of every look at the labels of the official test set: ``results/test_looks.csv``."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from core.results.folder import RESULTS_FOLDER

LOOK_COLUMNS = ("date", "model", "version", "weights_sha256", "why", "threshold", "n")
LOGGED_METRICS = ("accuracy", "auroc", "sensitivity", "specificity", "ece")


def log_look(summary: dict[str, Any], why: str, results: Path = RESULTS_FOLDER) -> None:
    """Add a row to the log of looks at test labels."""
    file = results / "test_looks.csv"
    known = {**summary, "why": why}
    look = {column: known[column] for column in LOOK_COLUMNS}
    look |= {name: summary[name]["value"] for name in LOGGED_METRICS}
    row = pd.DataFrame([look])
    row.to_csv(file, mode="a", header=not file.is_file(), index=False, float_format="%.6g")


def log_unlabelled_look(
    model: str, version: str, weights_sha256: str, why: str, n: int, results: Path = RESULTS_FOLDER
) -> None:
    """Log that test films were measured in a way that their class labels have no part in.

    Weights that are in the log with the same reason are not logged again: nothing new was learned.

    Args:
        model: What was measured.
        version: Of its weights.
        weights_sha256: Of its weights.
        why: What for.
        n: How many test films.
        results: Folder of results.
    """
    file = results / "test_looks.csv"
    known = pd.read_csv(file) if file.is_file() else pd.DataFrame(columns=list(LOOK_COLUMNS))
    if ((known["weights_sha256"] == weights_sha256) & (known["why"] == why)).any():
        return
    look = {
        "date": datetime.now(UTC).date().isoformat(),
        "model": model,
        "version": version,
        "weights_sha256": weights_sha256,
        "why": why,
        "n": n,
    }
    row = pd.DataFrame([look], columns=[*LOOK_COLUMNS, *LOGGED_METRICS])
    row.to_csv(file, mode="a", header=not file.is_file(), index=False)
