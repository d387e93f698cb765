"""What a run writes as it goes: its history, a row an epoch, and the time that is left."""

import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback, EarlyStopping, TQDMProgressBar

from core.results import HISTORY_COLUMNS, write_table


class History(Callback):
    """Keeps history.csv of the working folder; its rows travel in the checkpoint.

    Args:
        folder: The run's working folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[dict[str, float]] = []
        self.started = 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the epoch's clock."""
        self.started = time.monotonic()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Add the epoch's row and write the file."""
        logged = {name: float(value) for name, value in trainer.callback_metrics.items()}
        row = {
            **logged,
            "epoch": trainer.current_epoch + 1,
            "learning_rate": trainer.optimizers[0].param_groups[0]["lr"],
            "seconds": round(time.monotonic() - self.started, 1),
        }
        self.rows.append({column: row[column] for column in HISTORY_COLUMNS})
        if trainer.is_global_zero:
            write_table(self.folder / "history.csv", self.table())

    def table(self) -> pd.DataFrame:
        """The rows so far."""
        return pd.DataFrame(self.rows, columns=list(HISTORY_COLUMNS))

    def state_dict(self) -> dict[str, Any]:
        """The rows, for the checkpoint."""
        return {"rows": self.rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """The rows up to the checkpoint; later ones are run again."""
        self.rows = list(state_dict["rows"])


class StopEarly(EarlyStopping):
    """Early stopping that still holds where the run was killed after it."""

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Run no further epoch if the checkpoint's patience is already at its end."""
        trainer.should_stop = self.wait_count >= self.patience


class ProgressBar(TQDMProgressBar):
    """Lightning's bar of the epoch, with the time left to the last epoch."""

    def get_metrics(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule
    ) -> dict[str, int | str | float | dict[str, float]]:
        """The bar's figures, with the time left by the pace of the last finished epoch."""
        metrics = super().get_metrics(trainer, pl_module)
        metrics.pop("v_num", None)
        history = next(c for c in trainer.callbacks if isinstance(c, History))  # type: ignore[attr-defined]
        if history.rows and trainer.max_epochs:
            epochs_left = trainer.max_epochs - len(history.rows)
            metrics["left"] = f"{epochs_left * history.rows[-1]['seconds'] / 60:.0f} min"
        return metrics
