"""The one look of a study at the official test films, when all its runs are finished."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from core.data.dataset import as_films, load_pixels
from core.data.folder import scan_split
from core.errors import StudyIncomplete, StudyMeasured
from core.inference import predict_logits
from core.metrics import with_intervals
from core.results import TEST, log_look, predictions_table, read_run, write_json
from core.runs import run_network
from core.study.plan import PlannedRun, finished_runs, left_of, summary_of


def measure_study(runs: Sequence[PlannedRun], data: Path, results: Path, why: str) -> int:
    """Measure every run of a study on the test films, each at its own operating point, once.

    The figures go into run.json beside those of validation, and each look into the log. A run that
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
        WeightsMissing: A run's folder holds no weights any more.
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
    films = as_films(load_pixels(data, records))
    networks = {name: run_network(name, results) for name in names}
    for name, network in tqdm(networks.items(), "Measuring", unit="run"):
        folder = results / "runs" / name
        summary = dict(read_run(folder).summary)
        predictions = predictions_table(records, predict_logits([network], films))
        test = with_intervals(predictions, summary["threshold"])
        weights = (folder / "weights.safetensors").read_bytes()
        look = {
            **test,
            "model": name,
            "version": "",
            "weights_sha256": hashlib.sha256(weights).hexdigest(),
            "date": datetime.now(UTC).date().isoformat(),
        }
        log_look(look, why, results)
        write_json(folder / "run.json", {**summary, "metrics": {**summary["metrics"], TEST: test}})
    return len(names)
