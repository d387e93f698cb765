"""The summary of the data folder in ``results/data``.

summary.json: the whole folder. counts.csv: a row a split and class. brightness.csv: a row a split,
class and bin of mean brightness. training_films.csv: brightness and framing of the training films,
a row a measure and class. The same folder always gives the same files.
"""

import json
from pathlib import Path

import pandas as pd

from core.data.summary import DataSummary
from core.results.folder import results_folder, write_json, write_table

TRAINING_FILMS = "training_films.csv"


def write_summary(summary: DataSummary, results: Path | None = None) -> Path:
    """Write a summary's three files into ``data`` below the folder of results.

    Returns:
        The folder written to.
    """
    folder = (results or results_folder()) / "data"
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / "counts.csv", summary.counts)
    write_table(folder / "brightness.csv", summary.brightness)
    write_json(folder / "summary.json", summary.facts)
    return folder


def write_training_films(table: pd.DataFrame, results: Path | None = None) -> None:
    """Write ``core.data.training_films.describe_training_films`` beside the summary."""
    folder = (results or results_folder()) / "data"
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / TRAINING_FILMS, table)


def read_training_films(results: Path | None = None) -> pd.DataFrame | None:
    """What is known of the training films' brightness and framing; None where nothing is."""
    file = (results or results_folder()) / "data" / TRAINING_FILMS
    return pd.read_csv(file) if file.is_file() else None


def read_summary(results: Path | None = None) -> DataSummary | None:
    """The summary that was written last; None where there is none."""
    folder = (results or results_folder()) / "data"
    if not (folder / "summary.json").is_file():
        return None
    return DataSummary(
        facts=json.loads((folder / "summary.json").read_text(encoding="utf-8")),
        counts=pd.read_csv(folder / "counts.csv"),
        brightness=pd.read_csv(folder / "brightness.csv"),
    )
