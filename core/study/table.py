"""All runs of the studies as one table, ``results/runs.csv``: a row a run of a study."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from core.results import results_folder, write_table
from core.study.plan import PlannedRun, finished_runs, planned_runs, summary_of
from core.study.studies import STUDIES

TABLE = "runs.csv"
TEST_METRICS = ("accuracy", "auroc", "sensitivity", "specificity")
_SETTINGS = (
    "architecture",
    "init",
    "size_px",
    "epochs",
    "batch_size",
    "learning_rate",
    "weight_decay",
    "dropout",
    "label_smoothing",
    "norm",
    "mixup_prob",
    "mixup_alpha",
    "augmentation",
    "train_share",
    "synthetic",
)
COLUMNS = (
    "study",
    "variant",
    "seed",
    "run",
    *_SETTINGS,
    "epochs_run",
    "best_epoch",
    "converged",
    "train_loss",
    "val_loss",
    "val_auroc",
    "val_accuracy",
    "val_sensitivity",
    "val_specificity",
    "test_loss",
    *(f"test_{name}" for name in TEST_METRICS),
    "params",
    "training_minutes",
)


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
        **{name: getattr(run.config, name) for name in _SETTINGS},
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


def read_study_table(results: Path | None = None) -> pd.DataFrame:
    """The table as it was written; no rows where there is none.

    Args:
        results: Folder of results; ``results_folder()`` if None.
    """
    file = (results or results_folder()) / TABLE
    if not file.is_file():
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.read_csv(
        file,
        dtype={"variant": str, "init": str, "augmentation": str, "synthetic": str},
        na_filter=True,
        keep_default_na=False,
        na_values=[""],
    )
