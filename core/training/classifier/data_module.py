"""The films of a run as its loop takes them: gathered and augmented on the device, batch by batch.

A loader gives places and a seed; films lie on the device as bytes. So a batch costs no transfer,
and what is random in it follows from its seed alone: a run that is killed and resumed sees what an
uninterrupted one would have seen.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from core.data.augmentation import Augmentation
from core.data.dataset import EpochSampler, seed_of
from core.data.draw import Draw
from core.data.films import Films
from core.data.folder import Record, thin_out
from core.data.labels import CLASSES, target_of
from core.imaging.framings import Framed
from core.inference.read import inputs
from core.training.classifier.config import TrainConfig
from core.training.classifier.synthetic_films import SYNTHETIC

TRAINED = ("train", SYNTHETIC)
"""Splits whose films are trained on."""
_VALIDATION_BATCH = 128
_CHUNK = 128
"""Films that are framed at a time."""


class Places(NamedTuple):
    """A batch before it is gathered.

    Args:
        places: (B,), int64, in the films of its split.
        seed: Of what is random in it.
    """

    places: Tensor
    seed: int


class Batch(NamedTuple):
    """A batch as a network takes it.

    Args:
        images: (B, 1, S, S), float32, in [0, 1].
        lungs: (B, 1, S, S), the probability of lung.
        targets: (B,), 1 for pneumonia.
    """

    images: Tensor
    lungs: Tensor
    targets: Tensor


class FilmStore(torch.nn.Module):
    """Films of a split on a device, framed once and kept as bytes.

    Args:
        films: Which.
        framing: How they are framed, one of ``core.imaging.framings.FRAMINGS``.
    """

    films: Tensor
    lungs: Tensor
    boxes: Tensor
    targets: Tensor

    def __init__(self, films: Films, framing: str) -> None:
        super().__init__()
        in_bytes, boxes = [], []
        for start in range(0, len(films), _CHUNK):
            framed = films.framed(framing, slice(start, start + _CHUNK), torch.device("cpu"))
            in_bytes.append((framed.films * 255).round().byte())
            boxes.append(framed.boxes)
        self.register_buffer("films", torch.cat(in_bytes))
        self.register_buffer("lungs", films.tensors()[1])
        self.register_buffer("boxes", torch.cat(boxes))
        targets = torch.tensor([target_of(record.label) for record in films.records])
        self.register_buffer("targets", targets)

    def framed(self, places: Tensor) -> Framed:
        """The films at these places (B,)."""
        films, lungs = self.films[places].float() / 255, self.lungs[places].float() / 255
        return Framed(films, lungs, self.boxes[places])


class FilmsDataModule(pl.LightningDataModule):
    """Training and validation films of a run.

    Args:
        films: All of the split, marked ``train``, ``validation`` or synthetic.
        config: The run's settings.
    """

    def __init__(self, films: Films, config: TrainConfig) -> None:
        super().__init__()
        self.config = config
        used = trained_films(films.records, config)
        self.stores = (
            FilmStore(films.some(used), config.framing),
            FilmStore(films.of_split("validation"), config.framing),
        )
        self.augmentation = Augmentation(
            config.augmentation, config.size_px, config.least_crop, config.most_crop
        )
        self.epoch_films = sum(record.split == "train" for record in films.records)
        self.sampler: EpochSampler | None = None

    @property
    def _trainer(self) -> pl.Trainer:
        if self.trainer is None:
            raise RuntimeError("a data module is used by a trainer")
        return self.trainer

    def train_dataloader(self) -> DataLoader[Any]:
        """Places of this process's training films, in a fresh order each epoch."""
        targets = self.stores[0].targets
        share = targets.mean()
        weights = torch.where(targets > 0, 1 / share, 1 / (1 - share))
        self.sampler = EpochSampler(
            len(targets),
            self.config.seed,
            self._trainer.global_rank,
            self._trainer.world_size,
            weights=weights if self.config.balance == "sampler" else None,
            films=self.epoch_films,
        )
        self.sampler.set_epoch(self._trainer.current_epoch)
        batch = max(1, self.config.batch_size // self._trainer.world_size)
        return DataLoader(
            range(len(targets) << 32),  # type: ignore[arg-type]
            batch,
            sampler=self.sampler,
            drop_last=len(self.sampler) > batch,
            collate_fn=self._places,
        )

    def val_dataloader(self) -> DataLoader[Any]:
        """Places of all validation films."""
        return DataLoader(
            range(len(self.stores[1].targets)),  # type: ignore[arg-type]
            _VALIDATION_BATCH,
            collate_fn=lambda places: Places(torch.tensor(places), 0),
        )

    def _places(self, keys: Sequence[int]) -> Places:
        places = torch.tensor(keys) % len(self.stores[0].targets)
        return Places(places, seed_of(self.config.seed, len(keys), keys[0], keys[-1]))

    def transfer_batch_to_device(
        self, batch: Places, device: torch.device, dataloader_idx: int
    ) -> Batch:
        """Gather, frame and, in training, augment a batch."""
        store = self.stores[0 if self._trainer.training else 1].to(device)
        places = batch.places.to(device)
        framed = store.framed(places)
        if self._trainer.training:
            draw = Draw(batch.seed, device)
            images, lungs = self.augmentation(framed.films, framed.lungs, framed.boxes, draw)
        else:
            images, lungs = inputs(framed, self.config.film_size_px)
        return Batch(images, lungs, store.targets[places])


def trained_films(records: Sequence[Record], config: TrainConfig) -> list[int]:
    """The places of the films that a run trains on."""
    kept = {record.image for record in thin_out(records, config.train_share, config.seed)}
    return [
        place
        for place, record in enumerate(records)
        if record.split in TRAINED and record.image in kept and not _is_left_out(record, config)
    ]


def _is_left_out(record: Record, config: TrainConfig) -> bool:
    """Whether the film is of the series of normals that the run leaves out."""
    return record.patient.startswith(f"{config.without_series}-")


def class_weights(records: Sequence[Record], config: TrainConfig) -> tuple[float, float]:
    """Loss weights that make both classes count alike, or ones."""
    if config.balance != "loss":
        return (1.0, 1.0)
    trained = [records[place].label for place in trained_films(records, config)]
    normal, pneumonia = (len(trained) / (2 * trained.count(label)) for label in CLASSES)
    return normal, pneumonia


def prior_shift(records: Sequence[Record], config: TrainConfig) -> float:
    """What logits are moved by after training, so that they hold for films as frequent as they are.

    Balancing the classes, adding synthetic films of one or leaving films of one out teaches another
    share of pneumonia than the real training films have; the difference of the log odds takes that
    back (Saerens et al., 2002, https://doi.org/10.1162/089976602753284446).
    """
    real = _log_odds(record for record in records if record.split == "train")
    if config.balance == "none":
        return real - _log_odds(records[place] for place in trained_films(records, config))
    return real


def _log_odds(records: Iterable[Record]) -> float:
    counts = Counter(record.label for record in records)
    normal, pneumonia = (counts[label] for label in CLASSES)
    return math.log(pneumonia / normal)
