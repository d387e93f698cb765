"""A finished study measured: in other frames, and once on the official test films."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from core.data.conditions import PLAIN
from core.data.folder import Record, scan_split
from core.data.frames import FRAMES
from core.evaluation.stress import measure
from core.messages.errors import DataDiffers, LogitsMissing, StudyIncomplete, StudyMeasured
from core.metrics.classification import with_intervals
from core.results.evaluations import TEST
from core.results.folder import write_json
from core.results.looks import log_look
from core.results.packs import run_file
from core.results.predictions import films_table
from core.results.runs import TEST_LOGITS, read_run
from core.training.experiments.plan import PlannedRun, finished_runs, left_of, summary_of


def measure_frames(runs: Sequence[PlannedRun], data: Path, results: Path) -> int:
    """Read the films that every run of a study held out as they are and in other frames.

    Args:
        runs: All runs of the study; the weights still lie in their folders.
        data: The data folder.
        results: Folder of results.

    Returns:
        How many runs were measured.

    Raises:
        StudyIncomplete: A run is not finished.
        WeightsMissing: The weights of a run are gone.
        DataError: The data folder is not the runs'.
    """
    names = [each["name"] for each in _summaries(runs, results)]
    for name in names:
        measure(name, data, results, conditions=(PLAIN, *FRAMES))
    return len(names)


def measure_study(runs: Sequence[PlannedRun], data: Path, results: Path, why: str) -> int:
    """Measure every run of a study on the test films, each at its own operating point, once.

    The runs read the films when they were trained; here what they read meets the labels. The
    figures go into run.json beside those of validation, and each look into the log. A run that
    another study has measured keeps its figures.

    Args:
        runs: All runs of the study.
        data: The data folder.
        results: Folder of results.
        why: Why the test labels are looked at.

    Returns:
        How many runs were measured.

    Raises:
        StudyIncomplete: A run is not finished.
        StudyMeasured: All of them have been measured.
        LogitsMissing: A run did not read the test films.
        DataDiffers: A run read other test films than these.
        DataError: The test films cannot be read.
    """
    names = [each["name"] for each in _summaries(runs, results) if TEST not in each["metrics"]]
    if not names:
        raise StudyMeasured(study=runs[0].study)
    records = scan_split(data, TEST, TEST)
    predictions = {name: _predictions(name, records, results) for name in names}
    for name, table in predictions.items():
        _measure(results / "runs" / name, name, table, why, results)
    return len(names)


def _summaries(runs: Sequence[PlannedRun], results: Path) -> list[Mapping[str, Any]]:
    """run.json of every run of a complete study."""
    finished = finished_runs(results)
    if left := left_of(runs, finished):
        raise StudyIncomplete(study=runs[0].study, left=len(left), runs=len(runs))
    return [summary for run in runs if (summary := summary_of(run, finished)) is not None]


def _predictions(name: str, records: Sequence[Record], results: Path) -> pd.DataFrame:
    """The test films with their labels and a run's logits."""
    file = run_file(results / "runs" / name, TEST_LOGITS)
    if file is None:
        raise LogitsMissing(run=name)
    films, logits = films_table(records), pd.read_csv(BytesIO(file))
    if set(films["image"]) != set(logits["image"]):
        raise DataDiffers(run=name)
    return films.merge(logits, on="image", validate="one_to_one")


def _measure(folder: Path, name: str, table: pd.DataFrame, why: str, results: Path) -> None:
    """Log the look at one run and add its figures to run.json."""
    summary: Mapping[str, Any] = read_run(folder).summary
    test = with_intervals(table, summary["threshold"])
    look = {
        **test,
        "model": name,
        "version": "",
        "weights_sha256": summary["weights_sha256"],
        "date": datetime.now(UTC).date().isoformat(),
    }
    log_look(look, why, results)
    write_json(folder / "run.json", {**summary, "metrics": {**summary["metrics"], TEST: test}})
