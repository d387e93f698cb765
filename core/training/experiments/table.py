"""The table of the studies' runs, made anew from the run folders."""

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.metrics import log_loss

from core.data.conditions import PLAIN
from core.data.frames import FRAMES
from core.evaluation.finished_runs import LATER_SETTINGS
from core.metrics.logits import sigmoid
from core.results.folder import write_table
from core.results.packs import run_file
from core.results.runs import STRESS
from core.results.study_table import (
    COLUMNS,
    FRAMES_LOSS,
    FRAMES_UNCHANGED,
    SETTINGS,
    TABLE,
    TEST_METRICS,
)
from core.training.experiments.earlier_studies import EARLIER_STUDIES, EarlierRun, earlier_runs
from core.training.experiments.plan import finished_runs, planned_runs, summary_of
from core.training.experiments.studies import STUDIES

Finished = Mapping[str, Mapping[str, Any]]


def study_table(results: Path) -> pd.DataFrame:
    """A row for each finished run of each study, columns ``COLUMNS``; test figures may be empty.

    A run that several studies share has a row in each.
    """
    finished = finished_runs(results)
    rows = [
        _row(run.study, run.variant, summary, results)
        for study in STUDIES.values()
        for run in planned_runs(study)
        if (summary := summary_of(run, finished)) is not None
    ]
    rows += [
        _row(run.study, run.variant, summary, results)
        for study in EARLIER_STUDIES.values()
        for run in earlier_runs(study)
        if (summary := _of_earlier(run, finished)) is not None
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _of_earlier(run: EarlierRun, finished: Finished) -> Mapping[str, Any] | None:
    """run.json of the finished run of an earlier design that has these settings."""
    for summary in finished.values():
        config = {**LATER_SETTINGS, **summary["config"]}
        if all(config[name] == value for name, value in run.settings.items()):
            return summary
    return None


def _row(study: str, variant: str, summary: Mapping[str, Any], results: Path) -> dict[str, Any]:
    metrics, config = summary["metrics"], {**LATER_SETTINGS, **summary["config"]}
    validation, test = metrics["validation"], metrics.get("test")
    return {
        "study": study,
        "variant": variant,
        "seed": config["seed"],
        "run": summary["name"],
        **{name: config[name] for name in SETTINGS},
        **{name: summary[name] for name in ("epochs_run", "best_epoch", "converged")},
        "train_loss": metrics["train"]["log_loss"]["value"],
        "val_loss": validation["log_loss"]["value"],
        **{f"val_{name}": validation[name]["value"] for name in TEST_METRICS},
        "test_loss": test and test["log_loss"]["value"],
        **{f"test_{name}": test and test[name]["value"] for name in TEST_METRICS},
        **_in_frames(summary, results),
        "params": summary["parameters"],
        "training_minutes": summary["training_seconds"] / 60,
    }


def _in_frames(summary: Mapping[str, Any], results: Path) -> dict[str, float]:
    """What frames do to a run's loss and verdicts; nothing where it was not read in all of them."""
    file = run_file(results / "runs" / summary["name"], STRESS)
    table = pd.read_csv(BytesIO(file)) if file else pd.DataFrame()
    if not {PLAIN, *FRAMES} <= set(table.columns):
        return {}
    called = table[[PLAIN, *FRAMES]].map(sigmoid) >= summary["threshold"]
    losses = [log_loss(table["truth"], sigmoid(table[frame]), labels=[0, 1]) for frame in FRAMES]
    unchanged = [(called[frame] == called[PLAIN]).mean() for frame in FRAMES]
    return {
        FRAMES_LOSS: sum(losses) / len(FRAMES),
        FRAMES_UNCHANGED: sum(unchanged) / len(FRAMES),
    }


def write_study_table(results: Path) -> None:
    """Make ``results/runs.csv`` anew from the run folders."""
    write_table(results / TABLE, study_table(results))
