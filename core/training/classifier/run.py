"""One run, from films in memory to a run folder."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import ModelCheckpoint

from core.data.films import Films
from core.evaluation.finished_runs import built, run_network, split_of
from core.messages.errors import HeldOutDiffers, RunExists
from core.models import Network
from core.models.hardware import keep_freed_memory, precision
from core.results.folder import RESULTS_FOLDER
from core.results.progress import RUNNING_FOLDER
from core.training.callbacks import History, ProgressBar, SignsOfLife, StopEarly, averaging
from core.training.classifier.config import SETTLING, TrainConfig
from core.training.classifier.data_module import FilmsDataModule, class_weights, prior_shift
from core.training.classifier.films import with_fold_held_out
from core.training.classifier.module import PneumoniaModule
from core.training.classifier.outcome import Outcome
from core.training.working import claim, without_noise


@dataclass(frozen=True, slots=True)
class Hardware:
    """Where a run runs.

    Args:
        accelerator: ``auto``, ``cpu`` or ``gpu``.
        devices: Processes on each machine: GPUs, or CPU processes.
        machines: How many machines, each started with the same command (DDP) and all with the same
            folder of results.
        precision: Lightning's name, or ``auto``.
    """

    accelerator: str = "auto"
    devices: int = 1
    machines: int = 1
    precision: str = "auto"

    def __post_init__(self) -> None:
        if self.devices < 1 or self.machines < 1:
            raise ValueError("devices and machines must be positive")


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
    check_new(name, results)
    keep_freed_memory()
    claim(working, config)
    _check_start(config)
    films = with_fold_held_out(films, config)
    pl.seed_everything(config.seed, verbose=False)
    network = built(asdict(config))
    teachers = _teachers(config, results)
    trainer = _trainer(config, hardware, working)
    with without_noise():
        _fit(network, teachers, films, config, trainer, working)
    if trainer.is_global_zero:
        outcome = Outcome(films, config, network, str(trainer.precision))
        if test_logits:
            outcome.read_test_films(working)
        outcome.write(working, finished)
    trainer.strategy.barrier()
    return finished


def check_new(name: str, results: Path) -> None:
    """Make sure that no finished run has that name.

    Raises:
        RunExists: One has.
    """
    if (results / "runs" / name).exists():
        raise RunExists(folder=Path(name).name)


def _check_start(config: TrainConfig) -> None:
    """Make sure that a run whose weights it starts from has not seen films that it is validated on.

    Raises:
        HeldOutDiffers: It has.
    """
    summary = Path(config.init).parent / "run.json"
    if config.init not in ("none", "imagenet") and summary.is_file():
        start = json.loads(summary.read_text(encoding="utf-8"))["config"]
        if not config.holds_out_as(start):
            raise HeldOutDiffers(runs=config.init)


def _teachers(config: TrainConfig, results: Path) -> list[Network]:
    """The networks of finished runs, in evaluation mode and without gradients.

    Raises:
        HeldOutDiffers: Teachers have seen films that the student is validated on.
    """
    if config.teacher == "none":
        return []
    names = config.teacher.split("+")
    if split_of(names, results) != (config.folds, config.fold, config.split_seed):
        raise HeldOutDiffers(runs=config.teacher)
    return [run_network(name, results).requires_grad_(False) for name in names]


def _fit(
    network: Network,
    teachers: list[Network],
    films: Films,
    config: TrainConfig,
    trainer: pl.Trainer,
    working: Path,
) -> None:
    """Run the loop, leaving the best weights in the network, at rest on the trainer's device."""
    shift = prior_shift(films.records, config)
    weights = class_weights(films.records, config)
    module = PneumoniaModule(network, config, weights, shift, teachers)
    last = working / "last.ckpt"
    resumed = last if last.is_file() else None
    trainer.fit(module, FilmsDataModule(films, config), ckpt_path=resumed, weights_only=True)
    if trainer.is_global_zero:
        best = torch.load(working / "best.ckpt", map_location="cpu", weights_only=True)
        module.load_state_dict(best["state_dict"])
        network.shift(shift)
    network.to(trainer.strategy.root_device).to(memory_format=torch.channels_last)
    network.eval().requires_grad_(False)


def _trainer(config: TrainConfig, hardware: Hardware, working: Path) -> pl.Trainer:
    first = config.decay_epochs if config.schedule == SETTLING else 1
    callbacks: list[pl.Callback] = [
        History(working),
        SignsOfLife(working, config.batch_size),
        StopEarly("val_loss", config.patience, first),
        ProgressBar(),
    ]
    if config.ema_decay:
        callbacks.append(averaging(config.ema_decay))
    # At the end of an epoch and not of its validation: only then is its row in the history.
    kept: dict[str, Any] = {"enable_version_counter": False, "save_on_train_epoch_end": True}
    callbacks += [
        ModelCheckpoint(working, "best", "val_loss", every_n_epochs=config.validate_every, **kept),
        ModelCheckpoint(working, "last", **kept),
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
