"""The table of the studies' runs, made anew from the run folders."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from core.results.folder import write_table
from core.results.study_table import COLUMNS, SETTINGS, TABLE, TEST_METRICS
from core.training.experiments.plan import PlannedRun, finished_runs, planned_runs, summary_of
from core.training.experiments.studies import STUDIES


def study_table(results: Path) -> pd.DataFrame:
    """A row for each finished run of each study, columns ``COLUMNS``; test figures may be empty.

    A run that several studies share has a row in each.
    """
    finished = finished_runs(results)
    rows = [
        _row(run, summary)
        for study in STUDIES.values()
        for run in planned_runs(study)
        if (summary := summary_of(run, finished)) is not None
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(run: PlannedRun, summary: Mapping[str, Any]) -> dict[str, Any]:
    metrics = summary["metrics"]
    validation, test = metrics["validation"], metrics.get("test")
    return {
        "study": run.study,
        "variant": run.variant,
        "seed": run.config.seed,
        "run": summary["name"],
        **{name: getattr(run.config, name) for name in SETTINGS},
        **{name: summary[name] for name in ("epochs_run", "best_epoch", "converged")},
        "train_loss": metrics["train"]["log_loss"]["value"],
        "val_loss": validation["log_loss"]["value"],
        **{f"val_{name}": validation[name]["value"] for name in TEST_METRICS},
        "test_loss": test and test["log_loss"]["value"],
        **{f"test_{name}": test and test[name]["value"] for name in TEST_METRICS},
        "params": summary["parameters"],
        "training_minutes": summary["training_seconds"] / 60,
    }


def write_study_table(results: Path) -> None:
    """Make ``results/runs.csv`` anew from the run folders."""
    write_table(results / TABLE, study_table(results))
