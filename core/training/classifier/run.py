"""One run, from a data folder to a run folder."""

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
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

from core.data.dataset import as_films, load_pixels
from core.data.folder import Record, hold_out, manifest_sha256, scan_split, thin_out, training_pool
from core.data.labels import CLASSES
from core.evaluation.finished_runs import deal_of, run_network
from core.inference.model import predict_logits
from core.messages.errors import HeldOutDiffers, RunExists
from core.metrics.calibration import balanced_threshold
from core.metrics.classification import all_metrics, sigmoid, with_intervals
from core.models import Network, build_network
from core.models.hardware import keep_freed_memory, precision
from core.models.weights import weights_file
from core.results.evaluations import TEST
from core.results.folder import RESULTS_FOLDER, write_json, write_table
from core.results.predictions import predictions_table
from core.results.progress import PROGRESS_FILE, RUNNING_FOLDER
from core.results.runs import TEST_LOGITS
from core.training.callbacks import History, ProgressBar, SignsOfLife, StopEarly, averaging
from core.training.classifier.config import TrainConfig
from core.training.classifier.loaders import class_weights, loaders, prior_shift
from core.training.classifier.module import PneumoniaModule
from core.training.classifier.synthetic_films import synthetic_films, synthetic_folder
from core.training.working import catch_up, claim, without_noise

_PACKAGES = ("torch", "torchvision", "pytorch-lightning", "pillow", "numpy", "scikit-learn")


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
    data: Path,
    name: str,
    config: TrainConfig,
    hardware: Hardware | None = None,
    results: Path = RESULTS_FOLDER,
    test_logits: bool = False,
) -> Path:
    """Train a network and write its run folder; continue where an interrupted run stopped.

    Args:
        data: Folder with ``train`` and, if there is one, ``val``.
        name: The run's name.
        config: Settings that decide the result.
        hardware: Where to run.
        results: Folder of results; the run ends in ``runs/NAME`` below it.
        test_logits: Whether the finished network also reads the films of ``test``, where the data
            folder has them. Their labels have no part in it, and otherwise they are never read.

    Returns:
        The run folder.

    Raises:
        DataError: The folder cannot be trained on.
        RunExists: A finished run has that name.
        RunDiffers: An unfinished run has that name and other settings.
        RunMissing: There is no run of the teacher's name.
        HeldOutDiffers: A teacher, the run of the start weights or the generator held out others.
        WeightsMissing: A start weights file, or a teacher's, is not there.
        SyntheticMissing: Fewer synthetic films have been drawn than the settings add.
    """
    hardware = hardware or Hardware()
    finished, working = results / "runs" / name, results / RUNNING_FOLDER / name
    if finished.exists():
        raise RunExists(folder=finished.name)
    keep_freed_memory()
    claim(working, config)
    _check_start(config)
    records = hold_out(training_pool(data), config.folds, config.fold, config.split_seed)
    pixels = load_pixels(data, records)
    used = thin_out(records, config.train_share, config.seed)
    if added := synthetic_films(used, config, results):
        pixels = np.concatenate([pixels, load_pixels(synthetic_folder(results), added)])
        records = (*records, *added)
    pl.seed_everything(config.seed, verbose=False)
    network = build_network(
        config.architecture, config.film_size_px, config.dropout, config.init, config.norm
    )
    teachers = _teachers(config, results)
    with without_noise():
        trainer, seconds = _fit(network, teachers, pixels, records, config, hardware, working)
    if trainer.is_global_zero:
        if test_logits and (data / TEST).is_dir():
            _read_test_films(network, data, working)
        _finish(network, pixels, records, config, trainer, seconds, working, finished)
    trainer.strategy.barrier()
    return finished


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


def _fit(
    network: Network,
    teachers: list[Network],
    pixels: NDArray[np.uint8],
    records: tuple[Record, ...],
    config: TrainConfig,
    hardware: Hardware,
    working: Path,
) -> tuple[pl.Trainer, float]:
    """Run the loop, leaving the best weights in the network. Returns the seconds that it took."""
    best_epoch = ModelCheckpoint(working, "best", monitor="val_loss", enable_version_counter=False)
    last_epoch = ModelCheckpoint(working, "last", enable_version_counter=False)
    history = History(working)
    callbacks = [
        history,
        SignsOfLife(working, config.batch_size),
        StopEarly("val_loss", patience=config.patience),
        ProgressBar(),
    ]
    if config.ema_decay:
        callbacks.append(averaging(config.ema_decay))
    arithmetic = hardware.precision
    if arithmetic == "auto":
        arithmetic = precision(hardware.accelerator)
    trainer = pl.Trainer(
        accelerator=hardware.accelerator,
        devices=hardware.devices,
        num_nodes=hardware.machines,
        strategy="ddp" if hardware.devices * hardware.machines > 1 else "auto",
        precision=arithmetic,  # type: ignore[arg-type]
        max_epochs=config.epochs,
        callbacks=[*callbacks, best_epoch, last_epoch],
        logger=False,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        enable_model_summary=False,
    )
    shift = prior_shift(records, config)
    module = PneumoniaModule(network, config, class_weights(records, config), shift, teachers)
    each = loaders(pixels, records, config, trainer, hardware.workers)
    last = working / "last.ckpt"
    if last.is_file():
        catch_up(each[0].sampler, last)
    trainer.fit(module, *each, ckpt_path=last if last.is_file() else None, weights_only=True)
    if trainer.is_global_zero:
        best = torch.load(working / "best.ckpt", map_location="cpu", weights_only=True)
        module.load_state_dict(best["state_dict"])
        network.shift(shift)
    network.to("cpu").eval()
    return trainer, float(sum(row["seconds"] for row in history.rows))


def _read_test_films(network: Network, data: Path, working: Path) -> None:
    """Write what the network makes of the test films, for a study to compare with labels."""
    records = scan_split(data, TEST, TEST)
    logits = predict_logits([network], as_films(load_pixels(data, records)))
    table = pd.DataFrame({"image": [record.image for record in records], "logit": logits})
    write_table(working / TEST_LOGITS, table)


def _finish(
    network: Network,
    pixels: NDArray[np.uint8],
    records: tuple[Record, ...],
    config: TrainConfig,
    trainer: pl.Trainer,
    seconds: float,
    working: Path,
    finished: Path,
) -> None:
    """Predict the validation films with the best weights, write the run and move it in place."""
    chosen = [index for index, record in enumerate(records) if record.split == "validation"]
    logits = predict_logits([network], as_films(pixels[chosen]))
    predictions = predictions_table([records[index] for index in chosen], logits)
    threshold = balanced_threshold(predictions)
    trained = thin_out(records, config.train_share, config.seed)
    history = pd.read_csv(working / "history.csv")
    best = int(history["val_loss"].idxmin())
    write_table(working / "predictions.csv", predictions)
    weights = weights_file(network, half=False)
    (working / "weights.safetensors").write_bytes(weights)
    write_json(
        working / "run.json",
        {
            "name": finished.name,
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "training_seconds": round(seconds),
            "config": asdict(config),
            "precision": trainer.precision,
            "versions": {package: version(package) for package in _PACKAGES},
            "data": {"manifest_sha256": manifest_sha256(records), "splits": _sizes(trained)},
            "epochs_run": len(history),
            "best_epoch": int(history["epoch"][best]),
            "converged": best < len(history) - 1,
            "val_loss": float(history["val_loss"][best]),
            "parameters": sum(part.numel() for part in network.parameters()),
            "weights_sha256": hashlib.sha256(weights).hexdigest(),
            "threshold": threshold,
            "metrics": {
                "train": _fitted(network, pixels, records, trained, len(chosen)),
                "validation": with_intervals(predictions, threshold),
            },
        },
    )
    for left_over in ("last.ckpt", "best.ckpt", "config.json", PROGRESS_FILE):
        (working / left_over).unlink(missing_ok=True)
    finished.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(working, finished)


def _fitted(
    network: Network,
    pixels: NDArray[np.uint8],
    records: tuple[Record, ...],
    trained: tuple[Record, ...],
    most: int,
) -> dict[str, Any]:
    """How well training films are known: ``n``, and the ``log_loss`` and ``auroc`` of plain ones.

    Args:
        network: In evaluation mode.
        pixels: (N, 224, 224), uint8, of the N records.
        records: All films.
        trained: Those that the run used.
        most: How many training films are looked at, evenly spaced; fewer where there are fewer.
    """
    used = {record.image for record in trained if record.split == "train"}
    films = [index for index, record in enumerate(records) if record.image in used]
    some = [
        films[place] for place in np.linspace(0, len(films) - 1, min(most, len(films))).astype(int)
    ]
    table = predictions_table(
        [records[index] for index in some], predict_logits([network], as_films(pixels[some]))
    )
    figures = all_metrics(table["truth"].to_numpy(), sigmoid(table["logit"]), 0.5)
    return {"n": len(some)} | {
        name: {"value": round(figures[name], 6)} for name in ("log_loss", "auroc")
    }


def _sizes(records: tuple[Record, ...]) -> dict[str, dict[str, int]]:
    """Films a class, and patients, of each split."""
    sizes: dict[str, dict[str, int]] = {}
    for split in dict.fromkeys(record.split for record in records):
        members = [record for record in records if record.split == split]
        sizes[split] = {
            **{label.value: sum(record.label == label for record in members) for label in CLASSES},
            "patients": len({record.patient for record in members}),
        }
    return sizes
