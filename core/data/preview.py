"""A look at what training does to films: examples, augmentation and mixup, as pixels to show.

The steps are training's own: squash, augment, stretch, mix.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.dataset import seeded
from core.data.folder import list_films
from core.data.labels import Label, target_of
from core.data.mixup import mix
from core.data.policies import policy
from core.imaging import read_film_file
from core.imaging.preprocess import FILM_SIZE_PX, squash, stretch_exposure
from core.messages.errors import ClassEmpty

Pixels = NDArray[np.float32]


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


def augmented(pixels: Pixels, policy_name: str, seed: int) -> Pixels:
    """A film as one epoch of training might show it to a network.

    Args:
        pixels: (H, W), in [0, 1].
        policy_name: Name of an augmentation policy.
        seed: Of everything random.

    Returns:
        (224, 224), in [0, 1].
    """
    with seeded(seed):
        image = policy(policy_name, FILM_SIZE_PX)(squash(pixels))
    return np.asarray(stretch_exposure(image)[0], dtype=np.float32)


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
