"""One run, from films in memory to a run folder."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from pytorch_lightning.callbacks import ModelCheckpoint

from core.data.films import Films
from core.data.folder import Record, hold_out, manifest_sha256
from core.data.labels import CLASSES
from core.evaluation.finished_runs import built, deal_of, run_network
from core.inference.read import logits_of
from core.messages.errors import HeldOutDiffers, RunExists
from core.metrics.calibration import balanced_threshold
from core.metrics.classification import all_metrics, sigmoid, with_intervals
from core.models import Network
from core.models.hardware import keep_freed_memory, precision
from core.models.weights import weights_file
from core.results.evaluations import TEST
from core.results.folder import RESULTS_FOLDER, write_json, write_table
from core.results.predictions import predictions_table
from core.results.progress import PROGRESS_FILE, RUNNING_FOLDER
from core.results.runs import TEST_LOGITS
from core.training.callbacks import History, ProgressBar, SignsOfLife, StopEarly, averaging
from core.training.classifier.config import TrainConfig
from core.training.classifier.data_module import (
    FilmsDataModule,
    FilmStore,
    class_weights,
    prior_shift,
    trained_films,
)
from core.training.classifier.module import PneumoniaModule
from core.training.working import claim, without_noise

_PACKAGES = ("torch", "torchvision", "pytorch-lightning", "pillow", "numpy", "scikit-learn")
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Hardware:
    """Where a run runs.

    Args:
        accelerator: ``auto``, ``cpu`` or ``gpu``.
        devices: Processes on each machine: GPUs, or CPU processes.
        machines: How many machines, each started with the same command (DDP) and all with the same
            folder of results.
        workers: Processes that read and augment, for each training process.
        precision: Lightning's name, or ``auto``.
    """

    accelerator: str = "auto"
    devices: int = 1
    machines: int = 1
    workers: int = 2
    precision: str = "auto"

    def __post_init__(self) -> None:
        if self.devices < 1 or self.machines < 1 or self.workers < 0:
            raise ValueError("devices and machines must be positive, and workers not negative")


def train(
    films: Films,
    name: str,
    config: TrainConfig,
    hardware: Hardware | None = None,
    results: Path = RESULTS_FOLDER,
    test_logits: bool = False,
) -> Path:
    """Train a network and write its run folder; continue where an interrupted run stopped.

    Args:
        films: The training pool, any synthetic films, and the test films that ``test_logits`` asks
            for.
        name: The run's name.
        config: Settings that decide the result.
        hardware: Where to run.
        results: Folder of results; the run ends in ``runs/NAME`` below it.
        test_logits: Whether the finished network also reads the test films. Their labels have no
            part in it, and otherwise they are never read.

    Returns:
        The run folder.

    Raises:
        DataError: The films cannot be trained on.
        RunExists: A finished run has that name.
        RunDiffers: An unfinished run has that name and other settings.
        RunMissing: There is no run of the teacher's name.
        HeldOutDiffers: A teacher or the run of the start weights held out other films.
        WeightsMissing: A start weights file, or a teacher's, is not there.
    """
    hardware = hardware or Hardware()
    finished, working = results / "runs" / name, results / RUNNING_FOLDER / name
    if finished.exists():
        raise RunExists(folder=finished.name)
    keep_freed_memory()
    claim(working, config)
    _check_start(config)
    run = _Run(_with_held_out(films, config), config, hardware, working, finished)
    pl.seed_everything(config.seed, verbose=False)
    network = built(asdict(config))
    teachers = _teachers(config, results)
    with without_noise():
        trainer = run.fit(network, teachers)
    if trainer.is_global_zero:
        if test_logits:
            run.read_test_films(network)
        run.finish(network, str(trainer.precision))
    trainer.strategy.barrier()
    return finished


def _with_held_out(films: Films, config: TrainConfig) -> Films:
    """Films whose training pool is split into ``train`` and ``validation``."""
    pool = [place for place, record in enumerate(films.records) if record.split == "train"]
    marked = hold_out(
        [films.records[place] for place in pool], config.folds, config.fold, config.split_seed
    )
    records = list(films.records)
    for place, record in zip(pool, marked, strict=True):
        records[place] = record
    return replace(films, records=tuple(records))


def _check_start(config: TrainConfig) -> None:
    """Make sure that a run whose weights it starts from has not seen films that it is validated on.

    Raises:
        HeldOutDiffers: It has.
    """
    summary = Path(config.init).parent / "run.json"
    if config.init not in ("none", "imagenet") and summary.is_file():
        start = json.loads(summary.read_text(encoding="utf-8"))["config"]
        if not config.has_deal_of(start):
            raise HeldOutDiffers(runs=config.init)


def _teachers(config: TrainConfig, results: Path) -> list[Network]:
    """The networks of finished runs, in evaluation mode and without gradients.

    Raises:
        HeldOutDiffers: Teachers have seen films that the student is validated on.
    """
    if config.teacher == "none":
        return []
    names = config.teacher.split("+")
    if deal_of(names, results) != (config.folds, config.fold, config.split_seed):
        raise HeldOutDiffers(runs=config.teacher)
    return [run_network(name, results).requires_grad_(False) for name in names]


@dataclass(frozen=True, slots=True)
class _Run:
    """A run at work.

    Args:
        films: All films, marked by their split.
        config: The run's settings.
        hardware: Where it runs.
        working: Folder of what is not finished.
        finished: The run folder.
    """

    films: Films
    config: TrainConfig
    hardware: Hardware
    working: Path
    finished: Path

    def fit(self, network: Network, teachers: list[Network]) -> pl.Trainer:
        """Run the loop, leaving the best weights in the network, at rest on the CPU."""
        records, config = self.films.records, self.config
        trainer = self._trainer()
        shift = prior_shift(records, config)
        module = PneumoniaModule(network, config, class_weights(records, config), shift, teachers)
        films = FilmsDataModule(self.films, config)
        last = self.working / "last.ckpt"
        resumed = last if last.is_file() else None
        trainer.fit(module, films, ckpt_path=resumed, weights_only=True)
        if trainer.is_global_zero:
            best = torch.load(self.working / "best.ckpt", map_location="cpu", weights_only=True)
            module.load_state_dict(best["state_dict"])
            network.shift(shift)
        network.to("cpu").eval()
        return trainer

    def _trainer(self) -> pl.Trainer:
        config, hardware = self.config, self.hardware
        callbacks: list[pl.Callback] = [
            History(self.working),
            SignsOfLife(self.working, config.batch_size),
            StopEarly("val_loss", patience=config.patience),
            ProgressBar(),
        ]
        if config.ema_decay:
            callbacks.append(averaging(config.ema_decay))
        callbacks += [
            ModelCheckpoint(self.working, "best", monitor="val_loss", enable_version_counter=False),
            ModelCheckpoint(
                self.working,
                "last",
                enable_version_counter=False,
                every_n_epochs=config.validate_every,
            ),
        ]
        arithmetic = hardware.precision
        if arithmetic == "auto":
            arithmetic = precision(hardware.accelerator)
        return pl.Trainer(
            accelerator=hardware.accelerator,
            devices=hardware.devices,
            num_nodes=hardware.machines,
            strategy="ddp" if hardware.devices * hardware.machines > 1 else "auto",
            precision=arithmetic,  # type: ignore[arg-type]
            max_epochs=config.epochs,
            check_val_every_n_epoch=config.validate_every,
            callbacks=callbacks,
            logger=False,
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
            enable_model_summary=False,
        )

    def logits(self, network: Network, films: Films) -> NDArray[np.float32]:
        """What the network makes of films, (N,), not calibrated."""
        store = FilmStore(films, self.config.framing)
        places = torch.split(torch.arange(len(films)), _BATCH)
        return np.concatenate([logits_of([network], store.framed(some)) for some in places])

    def read_test_films(self, network: Network) -> None:
        """Write what the network makes of the test films, to be compared with labels later."""
        films = self.films.of_split(TEST)
        table = pd.DataFrame({"image": [record.image for record in films.records]})
        table["logit"] = self.logits(network, films)
        write_table(self.working / TEST_LOGITS, table)

    def finish(self, network: Network, arithmetic: str) -> None:
        """Predict the validation films with the best weights, write the run, move it in place."""
        held_out = self.films.of_split("validation")
        predictions = predictions_table(held_out.records, self.logits(network, held_out))
        write_table(self.working / "predictions.csv", predictions)
        weights = weights_file(network, half=False)
        (self.working / "weights.safetensors").write_bytes(weights)
        summary = self._summary(network, predictions)
        summary |= {
            "precision": arithmetic,
            "weights_sha256": hashlib.sha256(weights).hexdigest(),
        }
        write_json(self.working / "run.json", summary)
        for left_over in ("last.ckpt", "best.ckpt", "config.json", PROGRESS_FILE):
            (self.working / left_over).unlink(missing_ok=True)
        self.finished.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(self.working, self.finished)

    def _summary(self, network: Network, predictions: pd.DataFrame) -> dict[str, Any]:
        """What run.json says, but for the weights."""
        pool = [r for r in self.films.records if r.split != TEST]
        trained = [
            self.films.records[place] for place in trained_films(self.films.records, self.config)
        ]
        history = pd.read_csv(self.working / "history.csv")
        best = int(history["val_loss"].idxmin())
        threshold = balanced_threshold(predictions)
        held_out = [record for record in pool if record.split == "validation"]
        return {
            "name": self.finished.name,
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "training_seconds": round(float(history["seconds"].sum())),
            "config": asdict(self.config),
            "versions": {package: version(package) for package in _PACKAGES},
            "data": {
                "manifest_sha256": manifest_sha256(pool),
                "splits": _sizes([*trained, *held_out]),
            },
            "epochs_run": len(history),
            "best_epoch": int(history["epoch"][best]),
            "converged": best < len(history) - 1,
            "val_loss": float(history["val_loss"][best]),
            "parameters": sum(part.numel() for part in network.parameters()),
            "threshold": threshold,
            "metrics": {
                "train": self._fitted(network, len(predictions)),
                "validation": with_intervals(predictions, threshold),
            },
        }

    def _fitted(self, network: Network, most: int) -> dict[str, Any]:
        """How well real training films are known: ``n``, ``log_loss`` and ``auroc``, not augmented.

        Args:
            network: In evaluation mode.
            most: How many films are read, evenly spaced; fewer where there are fewer.
        """
        records = self.films.records
        used = [p for p in trained_films(records, self.config) if records[p].split == "train"]
        spaced = np.linspace(0, len(used) - 1, min(most, len(used))).astype(int)
        films = self.films.some([used[place] for place in spaced])
        table = predictions_table(films.records, self.logits(network, films))
        figures = all_metrics(table["truth"].to_numpy(), sigmoid(table["logit"]), 0.5)
        return {"n": len(films)} | {
            name: {"value": round(figures[name], 6)} for name in ("log_loss", "auroc")
        }


def _sizes(records: Sequence[Record]) -> dict[str, dict[str, int]]:
    """Films a class, and patients, of each split."""
    sizes: dict[str, dict[str, int]] = {}
    for split in dict.fromkeys(record.split for record in records):
        members = [record for record in records if record.split == split]
        sizes[split] = {
            **{label.value: sum(record.label == label for record in members) for label in CLASSES},
            "patients": len({record.patient for record in members}),
        }
    return sizes
