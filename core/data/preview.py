"""A look at what training does to films: examples, augmentation and mixup, as pixels to show.

The steps are training's own: squash, augment, stretch, mix. They are shown on whole films, of which
training takes the box round the lungs.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.augmentation import ALL_PARTS, NO_PARTS, PARTS, Augmentation
from core.data.draw import Draw
from core.data.folder import list_films
from core.data.labels import Label, target_of
from core.data.mixup import mix
from core.imaging import read_film_file
from core.imaging.framing import whole
from core.imaging.preprocess import FILM_SIZE_PX, squash, stretch_exposure
from core.messages.errors import ClassEmpty

Pixels = NDArray[np.float32]

SHOWN_POLICIES = (ALL_PARTS, *PARTS, NO_PARTS)
"""What can be looked at: everything at once, each part alone, and nothing."""


@dataclass(frozen=True, slots=True)
class Example:
    """A film of the data folder, to show.

    Args:
        image: Path below the data folder, with forward slashes.
        label: Its class.
        pixels: (H, W), in [0, 1], 0 is black.
    """

    image: str
    label: Label
    pixels: Pixels


def examples(root: Path, label: Label, films: int, seed: int) -> tuple[Example, ...]:
    """Films of one class, drawn from the official training films.

    Args:
        root: The data folder.
        label: The class.
        films: How many; fewer where the class has fewer.
        seed: Of the draw.

    Raises:
        FolderMissing: The class is not there.
        ClassEmpty: It has no film.
        FilmError: A film cannot be read.
    """
    folder = root / "train" / label
    files = list_films(folder)
    if not files:
        raise ClassEmpty(label=label, folder=folder)
    drawn = np.random.default_rng(seed).permutation(len(files))[:films]
    return tuple(
        Example(
            image=files[index].relative_to(root).as_posix(),
            label=label,
            pixels=read_film_file(files[index]).pixels,
        )
        for index in drawn
    )


def augmented(film: Pixels, other: Pixels, policy: str, seed: int) -> Pixels:
    """A film as one epoch of training might show it to a network.

    Args:
        film: (H, W), in [0, 1].
        other: (H, W), another film of the batch, whose exposure it may take.
        policy: As ``core.data.augmentation.parts_of`` takes it.
        seed: Of everything random.

    Returns:
        (224, 224), in [0, 1].
    """
    films = torch.stack([squash(film), squash(other)])  # (2, 1, 224, 224)
    draw = Draw(seed, torch.device("cpu"))
    augment = Augmentation(policy, FILM_SIZE_PX, most_crop=1.0)
    images, _ = augment(films, torch.ones_like(films), whole(len(films)), draw)
    return np.asarray(images[0, 0], dtype=np.float32)


def mixed(first: Example, second: Example, share: float) -> tuple[Pixels, float]:
    """Two films, mixed as training mixes them.

    Args:
        first: Has the share.
        second: Has the rest.
        share: 0 to 1.

    Returns:
        The mix, (224, 224), in [0, 1], and its target: the probability of pneumonia, 0 to 1.
    """
    pair = (first, second)
    images = torch.stack([stretch_exposure(squash(film.pixels)) for film in pair])  # (2, 1, S, S)
    targets = torch.tensor([target_of(film.label) for film in pair])
    blend, target = mix(images, targets, share, torch.tensor([1, 0]))
    return np.asarray(blend[0, 0], dtype=np.float32), float(target[0])
