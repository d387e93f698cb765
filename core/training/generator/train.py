"""The training of the generator: the autoencoder, then the denoiser on its latents."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor

from core.data.batches import in_batches
from core.data.dataset import load_pixels
from core.data.folder import Record, hold_out, manifest_sha256, training_pool
from core.data.labels import CLASSES
from core.models.generator.autoencoder import Autoencoder
from core.models.generator.denoiser import Denoiser
from core.models.generator.generator import (
    GENERATOR_FOLDER,
    Generator,
    GeneratorCard,
    drawn_size,
    save_generator,
)
from core.models.generator.picture import png_file, sheet
from core.models.hardware import is_bf16_fast, keep_freed_memory
from core.models.weights import sha256_of, weights_file
from core.results.folder import RESULTS_FOLDER, SYNTHETIC_FOLDER
from core.results.progress import RUNNING_FOLDER
from core.training.generator.autoencoder import AutoencoderModule
from core.training.generator.denoiser import DenoiserModule
from core.training.generator.stage import Stage, Taken
from core.training.working import claim, without_noise

WORKING = "generator"
SHEET_FILMS, SHEET_STEPS = 16, 12


def _setting(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True)
class GeneratorConfig:
    """What decides the generator. The split is that of ``python -m core train``."""

    autoencoder_epochs: int = _setting(12, "epochs of the autoencoder, each of all films")
    denoiser_epochs: int = _setting(36, "epochs of the denoiser, each of all films and mirrored")
    autoencoder_batch: int = _setting(32, "films a step of the autoencoder")
    denoiser_batch: int = _setting(64, "latents a step of the denoiser")
    autoencoder_rate: float = _setting(4e-4, "the highest learning rate of the autoencoder")
    denoiser_rate: float = _setting(8e-4, "the highest learning rate of the denoiser")
    autoencoder_ema_decay: float = _setting(0.99, "decay a step of the autoencoder's averages")
    denoiser_ema_decay: float = _setting(0.999, "decay a step of the denoiser's averages")
    steps: int = _setting(16, "steps in which a film is drawn")
    guidance: float = _setting(1.5, "how much a film's class is exaggerated; 1 not at all")
    folds: int = _setting(8, "folds that patients are split into")
    fold: int = _setting(0, "the fold that is held out")
    split_seed: int = _setting(0, "seed of that split")
    seed: int = _setting(0, "of everything random")

    def __post_init__(self) -> None:
        for name in ("autoencoder_epochs", "denoiser_epochs", "steps"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")
        for name in ("autoencoder_ema_decay", "denoiser_ema_decay"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} is a share of one, not {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class Places:
    """Folders of a training: for what Git ignores, and for what is shown."""

    working: Path
    shown: Path


def train_generator(
    data: Path,
    version: str,
    config: GeneratorConfig,
    results: Path = RESULTS_FOLDER,
    weights: Path = GENERATOR_FOLDER,
) -> GeneratorCard:
    """Train the generator and ship it; continue where an interrupted training stopped.

    Args:
        data: Folder with ``train``; test films are never read.
        version: Of the weights.
        config: Settings that decide the result.
        results: Folder of results; histories and sheets go into ``synthetic`` below it.
        weights: Where the generator ships.

    Raises:
        DataError: The folder cannot be trained on.
        RunDiffers: An unfinished training there has other settings.
        WeightsMissing: The package with the ImageNet weights is not installed.
    """
    places = Places(results / RUNNING_FOLDER / WORKING, results / SYNTHETIC_FOLDER)
    keep_freed_memory()
    claim(places.working, config)
    (places.shown / "sheets").mkdir(parents=True, exist_ok=True)
    records = hold_out(training_pool(data), config.folds, config.fold, config.split_seed)
    films = drawn_size(load_pixels(data, records))
    pl.seed_everything(config.seed, verbose=False)
    with without_noise():
        autoencoder, denoiser = Autoencoder(), Denoiser()  # before training moves the randomness
        taught = torch.tensor([record.split == "train" for record in records])
        pixels = torch.from_numpy(films)
        first = _autoencoder_stage(autoencoder, config, places)
        first.run(Taken([pixels[taught]], mirroring=True), Taken([pixels[~taught]]))
        generator = Generator(autoencoder, denoiser)
        second = _denoiser_stage(generator, config, places)
        second.run(*_latents(generator, pixels, records))
    generator.to("cpu").eval()
    card = GeneratorCard(
        version=version,
        sha256=sha256_of(file := weights_file(generator, half=True)),
        parameters=sum(part.numel() for part in generator.parameters()),
        steps=config.steps,
        guidance=config.guidance,
        manifest_sha256=manifest_sha256(records),
        films=int(taught.sum()),
        folds=config.folds,
        fold=config.fold,
        split_seed=config.split_seed,
        autoencoder_epochs=config.autoencoder_epochs,
        denoiser_epochs=config.denoiser_epochs,
        training_seconds=round(first.seconds() + second.seconds()),
    )
    save_generator(card, file, weights)
    shutil.rmtree(places.working)
    return card


def _autoencoder_stage(network: Autoencoder, config: GeneratorConfig, places: Places) -> Stage:
    """The first stage. Its decoded films look like a patient's: it shows none."""
    return Stage(
        name="autoencoder",
        module=AutoencoderModule(network, config.autoencoder_rate, config.seed),
        epochs=config.autoencoder_epochs,
        batch_size=config.autoencoder_batch,
        ema_decay=config.autoencoder_ema_decay,
        seed=config.seed,
        working=places.working,
        shown=places.shown,
        look=lambda epoch: None,
    )


def _denoiser_stage(generator: Generator, config: GeneratorConfig, places: Places) -> Stage:
    """The second stage, which draws a sheet of both classes now and then, always of one noise."""

    def look(epoch: int) -> None:
        generator.to(generator.denoiser.enter.weight.device)
        films = [
            generator.draw(
                label,
                range(SHEET_FILMS),
                config.seed,
                SHEET_STEPS,
                config.guidance,
                fast=is_bf16_fast(),
            )
            for label in CLASSES
        ]
        file = places.shown / "sheets" / f"epoch-{epoch:04}.png"
        file.write_bytes(png_file(sheet(np.concatenate(films))))

    return Stage(
        name="denoiser",
        module=DenoiserModule(generator.denoiser, config.denoiser_rate, config.seed),
        epochs=config.denoiser_epochs,
        batch_size=config.denoiser_batch,
        ema_decay=config.denoiser_ema_decay,
        seed=config.seed,
        working=places.working,
        shown=places.shown,
        look=look,
    )


def _latents(generator: Generator, films: Tensor, records: Sequence[Record]) -> tuple[Taken, Taken]:
    """Latents of films and of their mirror images, of unit variance, with class and side.

    Their moments, of the training films, are left in the generator.

    Returns:
        Those of the training films, and those of the films held out.
    """
    with torch.inference_mode():
        means = [
            generator.autoencoder.encode(torch.stack(batch)[:, None] / 255)[0]
            for side in (films, films.flip(-1))
            for batch in in_batches(side, 64)
        ]
    latents = torch.cat(means).clone()  # (2 N, 4, 16, 16)
    classes = torch.tensor([CLASSES.index(record.label) for record in records]).repeat(2)
    sides = torch.arange(2).repeat_interleave(len(records))
    taught = torch.tensor([record.split == "train" for record in records]).repeat(2)
    variance, mean = torch.var_mean(latents[taught], (0, 2, 3), keepdim=True)
    generator.mean.copy_(mean)
    generator.scale.copy_(variance.sqrt())
    scaled = (latents - mean) / generator.scale
    first, second = (
        Taken([part[chosen] for part in (scaled, classes, sides)]) for chosen in (taught, ~taught)
    )
    return first, second
