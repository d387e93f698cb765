"""The one look of a study at the official test films, when all its runs are finished."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from core.data.folder import Record, scan_split
from core.messages.errors import DataDiffers, LogitsMissing, StudyIncomplete, StudyMeasured
from core.metrics.classification import with_intervals
from core.results.evaluations import TEST
from core.results.folder import write_json
from core.results.looks import log_look
from core.results.packs import run_file
from core.results.predictions import films_table
from core.results.runs import TEST_LOGITS, read_run
from core.training.experiments.plan import PlannedRun, finished_runs, left_of, summary_of


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
    finished = finished_runs(results)
    left = left_of(runs, finished)
    if left:
        raise StudyIncomplete(study=runs[0].study, left=len(left), runs=len(runs))
    summaries = [summary for run in runs if (summary := summary_of(run, finished)) is not None]
    names = [each["name"] for each in summaries if TEST not in each["metrics"]]
    if not names:
        raise StudyMeasured(study=runs[0].study)
    records = scan_split(data, TEST, TEST)
    predictions = {name: _predictions(name, records, results) for name in names}
    for name, table in predictions.items():
        _measure(results / "runs" / name, name, table, why, results)
    return len(names)


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
