"""Films in memory, and the order in which an epoch takes them.

Nothing random depends on what came before: an order depends on seed and epoch alone. So a run that
is killed and resumed sees what an uninterrupted one would have seen.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Sampler
from tqdm import tqdm

from core.data.folder import Record, read_films
from core.imaging.preprocess import FILM_SIZE_PX, squash


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


class EpochSampler(Sampler[int]):
    """A fresh order each epoch, shared among the processes of a distributed run.

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
