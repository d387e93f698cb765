"""All runs of the studies as one table, ``results/runs.csv``: a row a run of a study."""

from pathlib import Path

import pandas as pd

from core.results.folder import results_folder

TABLE = "runs.csv"
TEST_METRICS = ("accuracy", "auroc", "sensitivity", "specificity")
FRAMES_LOSS, FRAMES_UNCHANGED = "frames_loss", "frames_unchanged"
"""In frames that leave the lungs alone: mean loss, and how often a film's verdict is the same."""
SETTINGS = (
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
    *SETTINGS,
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
    FRAMES_LOSS,
    FRAMES_UNCHANGED,
    "params",
    "training_minutes",
)


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
