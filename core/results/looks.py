"""The log of every look at the labels of the official test set: ``results/test_looks.csv``."""

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
