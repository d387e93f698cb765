"""The films that the population reader is trained on, and those held out, with their lungs."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from core.data.adult_films import ADULTS_NAME, scan_adults
from core.data.batches import in_batches
from core.data.dataset import as_films, load_pixels
from core.data.folder import Record, hold_out, training_pool
from core.data.labels import Population
from core.imaging.framing import stretch
from core.models.lungs import LungsNetwork
from core.training.population.views import Chests

FOLDS, FOLD, SPLIT_SEED = 8, 0, 0
"""The split that holds films out; for children the same as for the classifiers."""


def split_records(data: Path) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
    """The children's films and the adults', each marked ``train`` or ``validation`` by patient.

    Raises:
        DataError: A folder cannot be used.
    """
    children, adults = training_pool(data), scan_adults(data.parent / ADULTS_NAME)
    first, second = (hold_out(films, FOLDS, FOLD, SPLIT_SEED) for films in (children, adults))
    return first, second


def load_chests(data: Path, segmenter: LungsNetwork) -> tuple[Chests, Chests, tuple[Record, ...]]:
    """The films to train on, those held out, and the records of all.

    Raises:
        DataError: A folder cannot be used.
    """
    children, adults = split_records(data)
    pixels = np.concatenate(
        [load_pixels(data, children), load_pixels(data.parent / ADULTS_NAME, adults)]
    )
    records = (*children, *adults)
    chests = Chests(
        pixels,
        lungs_of(segmenter, pixels),
        (Population.CHILD,) * len(children) + (Population.ADULT,) * len(adults),
    )
    return (
        chests.some(_places(records, "train")),
        chests.some(_places(records, "validation")),
        records,
    )


def lungs_of(segmenter: LungsNetwork, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The probability of lung times 255 of squashed films: both (N, 224, 224)."""
    found = []
    with torch.inference_mode():
        batches = in_batches(pixels)
        for batch in tqdm(batches, "Finding lungs", disable=not sys.stderr.isatty()):
            films = stretch(as_films(np.stack(batch)))
            lungs = segmenter(films.contiguous(memory_format=torch.channels_last)).sigmoid()
            found.append((lungs[:, 0] * 255).round().to(torch.uint8).numpy())
    return np.concatenate(found)


def _places(records: Sequence[Record], split: str) -> NDArray[np.int64]:
    return np.flatnonzero([record.split == split for record in records])
