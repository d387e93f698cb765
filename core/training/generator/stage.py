"""One stage of the generator's training: epochs with averaged weights, a history, and sheets."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback, ModelCheckpoint
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from core.data.dataset import EpochSampler
from core.models.hardware import precision
from core.results.folder import write_table
from core.training.callbacks import averaging
from core.training.working import catch_up

LOOKS = 10
"""How often in a stage the held-out films are measured and a sheet is drawn."""

_BATCH_AT_REST = 64

Tensors = tuple[Tensor, ...]


class Taken(Dataset[Tensors]):
    """Rows of tensors, by the keys that ``EpochSampler`` gives.

    Args:
        tensors: Each (N, ...).
        mirroring: Mirror the first of them in every other epoch.
    """

    def __init__(self, tensors: Sequence[Tensor], mirroring: bool = False) -> None:
        self.tensors, self.mirroring = tuple(tensors), mirroring

    def __len__(self) -> int:
        return len(self.tensors[0])

    def __getitem__(self, key: int) -> Tensors:
        """A row; of films in uint8, (1, H, W), float32 in [0, 1]."""
        epoch, index = divmod(key, len(self))
        first, *rest = (tensor[index] for tensor in self.tensors)
        if first.dtype == torch.uint8:
            first = first.float()[None] / 255
        if self.mirroring and (epoch + index) % 2:
            first = first.flip(-1)
        return (first, *rest)


@dataclass(frozen=True, slots=True)
class Stage:
    """What is trained, and where it is written.

    Args:
        name: Of its files.
        module: With a ``network``, which it trains.
        epochs: How many.
        batch_size: Rows a step.
        ema_decay: Decay a step of the averaged weights.
        seed: Of the order of the rows.
        working: Folder of checkpoints, which Git ignores.
        shown: Folder of the history.
        look: Called with the epochs done, while the averaged weights are in the network.
    """

    name: str
    module: Any
    epochs: int
    batch_size: int
    ema_decay: float
    seed: int
    working: Path
    shown: Path
    look: Callable[[int], None]

    def run(self, training: Taken, held_out: Taken) -> None:
        """Train, or go on, or load what has been trained; leaves the network averaged, at rest."""
        network: nn.Module = self.module.network
        finished = self.working / f"{self.name}.safetensors"
        if not finished.is_file():
            self._fit(training, held_out)
            state = {name: part.contiguous() for name, part in network.state_dict().items()}
            draft = finished.with_suffix(".draft")
            save_file(state, draft)
            draft.replace(finished)
        network.load_state_dict(load_file(finished))
        network.to("cpu").to(memory_format=torch.channels_last)  # as it was trained: rounds alike
        network.eval().requires_grad_(False)

    def seconds(self) -> float:
        """How long its finished epochs took."""
        return float(pd.read_csv(self.history)["seconds"].sum())

    @property
    def look_every(self) -> int:
        """After how many epochs the held-out films are measured again."""
        return max(1, self.epochs // LOOKS)

    @property
    def history(self) -> Path:
        """Its table: a row an epoch."""
        return self.shown / f"{self.name}.csv"

    def _fit(self, training: Taken, held_out: Taken) -> None:
        last = self.working / f"{self.name}.ckpt"
        trainer = pl.Trainer(
            accelerator="auto",
            devices=1,
            precision=precision(),  # type: ignore[arg-type]
            max_epochs=self.epochs,
            check_val_every_n_epoch=self.look_every,
            callbacks=[
                Watch(self),  # before the averaging, which takes its weights away after it
                averaging(self.ema_decay),
                ModelCheckpoint(
                    self.working,
                    self.name,
                    enable_version_counter=False,
                    save_on_train_epoch_end=True,
                ),
            ],
            logger=False,
            num_sanity_val_steps=0,
            enable_model_summary=False,
            enable_progress_bar=False,
        )
        sampler = EpochSampler(len(training), self.seed)
        batches: DataLoader[Tensors] = DataLoader(
            training, self.batch_size, sampler=sampler, drop_last=len(training) > self.batch_size
        )
        if last.is_file():
            catch_up(sampler, last)
        trainer.fit(
            self.module,
            batches,
            DataLoader(held_out, _BATCH_AT_REST),
            ckpt_path=last if last.is_file() else None,
            weights_only=True,
        )
        averaged = torch.load(last, map_location="cpu", weights_only=True)["state_dict"]
        self.module.load_state_dict(averaged)  # a finished stage that goes on has none in place


class Watch(Callback):
    """Keeps the history, whose rows travel in the checkpoint, and prints a line an epoch.

    Args:
        stage: Whose.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.rows: list[dict[str, float]] = []
        self.started = 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the epoch's clock."""
        self.started = time.monotonic()

    def on_validation_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Let the stage look at what has been learnt."""
        self.stage.look(trainer.current_epoch + 1)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Add the epoch's row, write the table and tell how it goes."""
        seconds = time.monotonic() - self.started
        figures = {name: float(value) for name, value in trainer.callback_metrics.items()}
        if (trainer.current_epoch + 1) % self.stage.look_every:  # Lightning keeps earlier ones
            figures = {name: x for name, x in figures.items() if not name.startswith("val_")}
        self.rows.append({"epoch": trainer.current_epoch + 1, **figures, "seconds": seconds})
        write_table(self.stage.history, pd.DataFrame(self.rows))
        print(" ".join(self._words(trainer, figures, seconds)), flush=True)

    def _words(
        self, trainer: pl.Trainer, figures: dict[str, float], seconds: float
    ) -> Iterator[str]:
        steps = int(trainer.num_training_batches)
        left = (
            (self.stage.epochs - len(self.rows))
            * sum(row["seconds"] for row in self.rows)
            / len(self.rows)
        )
        yield f"{self.stage.name}: epoch {len(self.rows)} of {self.stage.epochs},"
        yield from (f"{name} {value:.4f}," for name, value in figures.items())
        yield f"{steps * self.stage.batch_size / seconds:.0f} a second, {left / 60:.0f} min left"

    def state_dict(self) -> dict[str, Any]:
        """The rows, for the checkpoint."""
        return {"rows": self.rows}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """The rows up to the checkpoint; later ones are run again."""
        self.rows = list(state_dict["rows"])
