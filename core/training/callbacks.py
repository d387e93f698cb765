"""What a run writes as it goes: its history, a row an epoch, signs of life, and the time left."""

import math
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytorch_lightning as pl
from pytorch_lightning.callbacks import (
    Callback,
    EarlyStopping,
    TQDMProgressBar,
    WeightAveraging,
)
from torch.optim.swa_utils import get_ema_multi_avg_fn

from core.results.folder import write_json, write_table
from core.results.progress import PROGRESS_FILE
from core.results.runs import HISTORY_COLUMNS

SIGN_SECONDS = 5


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
        if (trainer.current_epoch + 1) % (
            trainer.check_val_every_n_epoch or 1
        ):  # those of earlier epochs
            logged = {name: x for name, x in logged.items() if not name.startswith("val_")}
        row = {
            **logged,
            "epoch": trainer.current_epoch + 1,
            "learning_rate": trainer.optimizers[0].param_groups[0]["lr"],
            "seconds": round(time.monotonic() - self.started, 1),
        }
        self.rows.append({column: row.get(column, math.nan) for column in HISTORY_COLUMNS})
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


class SignsOfLife(Callback):
    """Writes progress.json into the working folder every few seconds, for who looks on.

    Args:
        folder: The run's working folder.
        batch_size: Films a step, over all processes.
    """

    def __init__(self, folder: Path, batch_size: int) -> None:
        self.file = folder / PROGRESS_FILE
        self.batch_size = batch_size
        self.started = datetime.now(UTC)
        self.epoch_started = self.written = 0.0
        self.step = 0
        self.films_per_second = 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the epoch's clock."""
        self.epoch_started, self.step = time.monotonic(), 0
        self._write(trainer)

    def on_train_batch_end(self, trainer: pl.Trainer, *_: Any) -> None:
        """Count a step of training."""
        self.step += 1
        seconds = time.monotonic() - self.epoch_started
        self.films_per_second = self.step * self.batch_size / max(seconds, 1e-3)
        self._write_now_and_then(trainer)

    def on_validation_batch_end(self, trainer: pl.Trainer, *_: Any) -> None:
        """Live on through the validation."""
        self._write_now_and_then(trainer)

    def _write_now_and_then(self, trainer: pl.Trainer) -> None:
        if time.monotonic() - self.written >= SIGN_SECONDS:
            self._write(trainer)

    def _write(self, trainer: pl.Trainer) -> None:
        if not trainer.is_global_zero:
            return
        self.written = time.monotonic()
        with suppress(OSError):  # a training does not end because nobody can look on
            write_json(
                self.file,
                {
                    "started": self.started.isoformat(timespec="seconds"),
                    "seen": datetime.now(UTC).isoformat(timespec="seconds"),
                    "epoch": trainer.current_epoch + 1,
                    "epochs": trainer.max_epochs,
                    "step": self.step,
                    "steps": int(trainer.num_training_batches),
                    "films_per_second": round(self.films_per_second, 1),
                },
            )


class StopEarly(EarlyStopping):
    """Early stopping that still holds where the run was killed after it.

    Args:
        monitor: What is to fall.
        patience: Validations without a lower one before the run stops.
        from_epoch: The first epoch that counts, from 1.
    """

    def __init__(self, monitor: str, patience: int, from_epoch: int = 1) -> None:
        super().__init__(monitor, patience=patience)
        self.from_epoch = from_epoch

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Count an epoch, from the first that counts on; here where every epoch is validated."""
        if trainer.current_epoch + 1 >= self.from_epoch:
            super().on_train_epoch_end(trainer, pl_module)

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """The same, where validations are apart."""
        if trainer.current_epoch + 1 >= self.from_epoch:
            super().on_validation_end(trainer, pl_module)

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


def averaging(decay: float) -> WeightAveraging:
    """An exponential moving average of weights and buffers, all in one call a step.

    Args:
        decay: A step's, from 0 to 1.
    """
    average = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
    return WeightAveraging(multi_avg_fn=average)
