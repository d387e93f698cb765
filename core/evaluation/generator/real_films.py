"""The real films that synthetic ones are compared with, at the size that the generator draws."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data.dataset import load_pixels
from core.data.folder import hold_out, manifest_sha256, training_pool
from core.messages.errors import HeldOutDiffers
from core.models.generator.generator import Films, GeneratorCard, drawn_size


@dataclass(frozen=True, slots=True)
class RealFilms:
    """Films of the training folder, those that the generator was taught and those held out.

    Attributes:
        taught: (N, 128, 128), 0 black to 255 white.
        taught_labels: The class of each, (N,).
        held_out: (M, 128, 128).
        held_out_labels: (M,).
    """

    taught: Films
    taught_labels: NDArray[np.str_]
    held_out: Films
    held_out_labels: NDArray[np.str_]


def real_films(data: Path, card: GeneratorCard) -> RealFilms:
    """The films behind a generator.

    Raises:
        DataError: The folder cannot be used.
        HeldOutDiffers: They are not those that the generator was trained on.
    """
    records = hold_out(training_pool(data), card.folds, card.fold, card.split_seed)
    if manifest_sha256(records) != card.manifest_sha256:
        raise HeldOutDiffers(runs=f"generator {card.version}")
    films = drawn_size(load_pixels(data, records))
    labels = np.array([record.label.value for record in records])
    taught = np.array([record.split == "train" for record in records])
    return RealFilms(films[taught], labels[taught], films[~taught], labels[~taught])
