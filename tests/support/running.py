"""A made-up run in progress, in the format that training writes."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from core.results.folder import write_json, write_table
from core.results.progress import PROGRESS_FILE, RUNNING_FOLDER


def write_running(
    results: Path,
    name: str,
    losses: Sequence[float],
    seen: datetime | None = None,
    epoch: int = 1,
    step: int = 0,
    films_per_second: float = 10.0,
    seconds: float = 60,
) -> Path:
    """Write an unfinished run of up to 10 epochs with a patience of 3; without ``seen``, as older
    trainings do, no signs of life.
    """
    folder = results / RUNNING_FOLDER / name
    folder.mkdir(parents=True)
    config = {"architecture": "resnet18", "init": "none", "size_px": 112, "mixup_prob": 0.3}
    settings = {"seed": 7, "epochs": 10, "patience": 3, "batch_size": 32}
    write_json(folder / "config.json", config | settings)
    if losses:
        history = pd.DataFrame(
            {
                "epoch": range(1, len(losses) + 1),
                "train_loss": [loss + 0.1 for loss in losses],
                "val_loss": losses,
                "val_accuracy": 0.9,
                "val_auroc": [1 - loss / 10 for loss in losses],
                "learning_rate": 1e-3,
                "seconds": seconds,
            }
        )
        write_table(folder / "history.csv", history)
    if seen is not None:
        times = {"started": seen.isoformat(), "seen": seen.isoformat()}
        place = {"epoch": epoch, "epochs": 10, "step": step, "steps": 100}
        write_json(folder / PROGRESS_FILE, {**times, **place, "films_per_second": films_per_second})
    return folder
