"""Runs that never saw one series of normal films: what they make of it, as a table."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from core.data.labels import Label, target_of
from core.metrics.logits import Floats, sigmoid
from core.reporting.markdown import NOT_MEASURED, table
from core.results.folder import results_folder
from core.results.runs import OUT_OF_SERIES, Run, read_runs

_NONE = "none"


def unseen_series(_: str) -> str:
    """A row a run: how often it calls normal films pneumonia, of the series that it never saw.

    Beside it how often it calls normal films so that it held out, of the other series; each at the
    run's own operating point.
    """
    heads = ["Series left out", "Run", "Epochs", "Input", "AUROC, held out"]
    heads += ["Films of the series", "called pneumonia", "of held-out films of the other series"]
    rows = [row for run in read_runs() for row in _row(run)]
    return table(heads, rows) if rows else NOT_MEASURED


def _row(run: Run) -> Iterator[list[str]]:
    config, threshold = run.summary["config"], run.summary["threshold"]
    series = config.get("without_series", _NONE)
    file = results_folder() / "runs" / run.name / OUT_OF_SERIES
    if series == _NONE or not file.is_file():
        return
    unseen = pd.read_csv(file)
    held_out = run.predictions[run.predictions["split"] == "validation"]
    normal = held_out["truth"] == target_of(Label.NORMAL)
    others = held_out[normal & ~held_out["patient"].str.startswith(f"{series}-")]
    yield [
        series,
        run.name,
        str(run.summary["epochs_run"]),
        f"{config['size_px']} px",
        f"{run.summary['metrics']['validation']['auroc']['value']:.3f}",
        str(len(unseen)),
        _called(sigmoid(unseen["logit"]), threshold),
        _called(sigmoid(others["logit"]), threshold),
    ]


def _called(probabilities: Floats, threshold: float) -> str:
    return f"{np.mean(probabilities >= threshold):.3f}"
