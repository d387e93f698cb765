"""Training films in memory, augmented so that the same seed and epoch give the same images.

Nothing random depends on what came before: an image depends on (seed, epoch, index) alone. So a
run that is killed and resumed sees what an uninterrupted one would have seen, however many workers
read.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset, Sampler
from tqdm import tqdm

from core.data.exchange import exchange
from core.data.folder import Record, read_films
from core.data.labels import target_of
from core.data.policies import policy
from core.imaging.preprocess import FILM_SIZE_PX, squash, stretch_exposure


def load_pixels(root: Path, records: Sequence[Record]) -> NDArray[np.uint8]:
    """Read and squash films.

    Returns:
        (N, 224, 224), uint8, 0 black to 255 white.

    Raises:
        FilmUnreadable: A film cannot be read; the message names it and says why.
    """
    pixels = np.empty((len(records), FILM_SIZE_PX, FILM_SIZE_PX), dtype=np.uint8)
    films = tqdm(
        read_films(root, records),
        "Reading films",
        total=len(records),
        unit="film",
        disable=not sys.stderr.isatty(),
    )
    for index, film in enumerate(films):
        pixels[index] = (squash(film.pixels)[0] * 255).round().to(torch.uint8).numpy()
    return pixels


def as_films(pixels: NDArray[np.uint8]) -> Tensor:
    """Films as ``core.imaging.preprocess.squash`` makes them, from what ``load_pixels`` gives.

    Args:
        pixels: (N, 224, 224), 0 black to 255 white.

    Returns:
        (N, 1, 224, 224), float32, in [0, 1].
    """
    return torch.from_numpy(pixels).float()[:, None] / 255


def seed_of(*parts: int) -> int:
    """One well-mixed 63-bit seed from several numbers."""
    state = np.random.SeedSequence(parts).generate_state(1, np.uint64)[0]
    return int(state) >> 1


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Let the CPU's random numbers start from a seed; afterwards they go on as before.

    ``torch.manual_seed`` would seed every kind of device, and that takes longer than a crop.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


class FilmDataset(Dataset[tuple[Tensor, Tensor]]):
    """Films with their targets.

    A key is ``epoch * len(self) + index``; epoch 0 is what validation uses, with policy ``none``.

    Args:
        pixels: (N, 224, 224), uint8.
        records: The N films, in the same order.
        augmentation: Name of an augmentation policy.
        size_px: Side of the images given.
        seed: Of everything random.
        exchange_prob: How often a film takes exposure and shading of another, before anything else.
    """

    def __init__(
        self,
        pixels: NDArray[np.uint8],
        records: Sequence[Record],
        augmentation: str,
        size_px: int,
        seed: int,
        exchange_prob: float = 0.0,
    ) -> None:
        if len(pixels) != len(records):
            raise ValueError(f"expected {len(records)} films, got {len(pixels)}")
        self.pixels = pixels
        self.targets = torch.tensor([target_of(record.label) for record in records])
        self.augment = policy(augmentation, size_px)
        self.seed = seed
        self.exchange_prob = exchange_prob

    def __len__(self) -> int:
        return len(self.pixels)

    def balancing_weights(self) -> Tensor:
        """(N,): how likely each film should be drawn so that both classes come alike."""
        positive = self.targets.mean()
        return torch.where(self.targets > 0, 1 / positive, 1 / (1 - positive))

    def __getitem__(self, key: int) -> tuple[Tensor, Tensor]:
        """Image (1, size_px, size_px), float32, in [0, 1], and target, a 0-d float32 tensor."""
        epoch, index = divmod(key, len(self))
        film = as_films(self.pixels[[index]])[0]
        with seeded(seed_of(self.seed, epoch, index)):
            if self.exchange_prob and float(torch.rand(())) < self.exchange_prob:
                film = exchange(film, self._partner(), float(torch.rand(())))
            image = self.augment(film)
        return stretch_exposure(image), self.targets[index]

    def _partner(self) -> Tensor:
        """(1, 224, 224): a film of a random class, each as likely as the other."""
        label = torch.randint(2, ())
        alike = torch.nonzero(self.targets == label)[:, 0]
        chosen = int(alike[torch.randint(len(alike), ())]) if len(alike) else 0
        return as_films(self.pixels[[chosen]])[0]


class EpochSampler(Sampler[int]):
    """A fresh order each epoch, dealt among the processes of a distributed run.

    Args:
        length: Number of films.
        seed: Of the order.
        rank: This process's number.
        processes: How many there are.
        weights: (length,): draw films this likely, with replacement; None takes each film once.
        films: How many an epoch has; fewer films than that come round again. ``length`` if None.
    """

    def __init__(
        self,
        length: int,
        seed: int,
        rank: int = 0,
        processes: int = 1,
        weights: Tensor | None = None,
        films: int | None = None,
    ) -> None:
        self.length = length
        self.films = films or length
        self.seed = seed
        self.weights = weights
        self.rank = rank
        self.processes = processes
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the trainer before each epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.films // self.processes

    def __iter__(self) -> Iterator[int]:
        rounds = -(-self.films // self.length)
        keys = [key for each in range(rounds) for key in self._round(self.epoch * rounds + each)]
        return iter(keys[self.rank : len(self) * self.processes : self.processes])

    def _round(self, number: int) -> list[int]:
        """The keys of all films, once through."""
        generator = torch.Generator().manual_seed(seed_of(self.seed, number))
        if self.weights is None:
            order = torch.randperm(self.length, generator=generator).tolist()
        else:
            order = torch.multinomial(self.weights, self.length, True, generator=generator).tolist()
        return [number * self.length + index for index in order]
