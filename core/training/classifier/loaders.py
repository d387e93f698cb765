"""The films of a run, as its loop takes them: batches of training and of validation films."""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytorch_lightning as pl
from numpy.typing import NDArray
from torch.utils.data import DataLoader

from core.data.dataset import EpochSampler, FilmDataset
from core.data.folder import Record, thin_out
from core.data.labels import CLASSES
from core.training.classifier.config import TrainConfig
from core.training.classifier.synthetic_films import SYNTHETIC

TRAINED = ("train", SYNTHETIC)
"""Splits whose films are trained on."""


def class_weights(records: tuple[Record, ...], config: TrainConfig) -> tuple[float, float]:
    """Loss weights that make both classes count alike, or ones."""
    if config.balance != "loss":
        return (1.0, 1.0)
    used = thin_out(records, config.train_share, config.seed)
    trained = [record.label for record in used if record.split in TRAINED]
    normal, pneumonia = (len(trained) / (2 * trained.count(label)) for label in CLASSES)
    return normal, pneumonia


def prior_shift(records: tuple[Record, ...], config: TrainConfig) -> float:
    """What logits are moved by after training, so that they hold for films as frequent as they are.

    Balancing the classes, or adding synthetic films of one, teaches another share of pneumonia than
    the real training films have; the difference of the log odds takes that back (Saerens et al.,
    2002, https://doi.org/10.1162/089976602753284446).
    """
    used = thin_out(records, config.train_share, config.seed)
    real = _log_odds(record for record in used if record.split == "train")
    if config.balance == "none":
        return real - _log_odds(record for record in used if record.split in TRAINED)
    return real


def _log_odds(records: Iterable[Record]) -> float:
    counts = Counter(record.label for record in records)
    normal, pneumonia = (counts[label] for label in CLASSES)
    return math.log(pneumonia / normal)


def loaders(
    pixels: NDArray[np.uint8],
    records: tuple[Record, ...],
    config: TrainConfig,
    trainer: pl.Trainer,
    workers: int,
) -> tuple[DataLoader[Any], DataLoader[Any]]:
    """Loaders of this process's training films, and of all validation films.

    Args:
        pixels: (N, 224, 224), uint8.
        records: The N films, all of the deal; an epoch is as long as all of its training films,
            whatever share of them is used and however many synthetic ones are added: of more films
            each epoch takes others.
        config: The run's settings.
        trainer: Whose processes share the training films.
        workers: Processes that read and augment.
    """
    used = {record.image for record in thin_out(records, config.train_share, config.seed)}
    datasets: dict[str, FilmDataset] = {}
    for splits, augmentation, size_px, exchange_prob in (
        (TRAINED, config.augmentation, config.size_px, config.exchange_prob),
        (("validation",), "none", config.film_size_px, 0.0),
    ):
        chosen = [
            index
            for index, record in enumerate(records)
            if record.split in splits and record.image in used
        ]
        datasets[splits[0]] = FilmDataset(
            pixels[chosen],
            [records[index] for index in chosen],
            augmentation,
            size_px,
            config.seed,
            exchange_prob,
        )
    training = datasets["train"]
    sampler = EpochSampler(
        len(training),
        config.seed,
        trainer.global_rank,
        trainer.world_size,
        weights=training.balancing_weights() if config.balance == "sampler" else None,
        films=sum(record.split == "train" for record in records),
    )
    batch = max(1, config.batch_size // trainer.world_size)
    return (
        DataLoader(
            training,
            batch,
            sampler=sampler,
            drop_last=len(sampler) > batch,
            num_workers=workers,
            persistent_workers=workers > 0,
        ),
        DataLoader(datasets["validation"], 64, num_workers=0),
    )
