"""What several test packages share: a tiny data folder and a tiny model that ships."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.labels import CLASSES
from tests.phantoms import chest_phantom

FILM_SIDE_PX = 64
"""Side of the tiny films: the smallest that is read."""


def draw_film(file: Path, seed: int, side_px: int = FILM_SIDE_PX) -> Path:
    """Write a phantom film as PNG."""
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(chest_phantom(side_px, side_px, seed)).save(file, "PNG")
    return file


def draw_data_folder(
    root: Path, split_films: dict[str, int], name: Callable[[str, str, int], str]
) -> Path:
    """Write a data folder of phantoms.

    Args:
        root: The folder to fill.
        split_films: How many films each class of each split has.
        name: ``name(split, label, number)`` gives a film's name, without ``.png``.
    """
    seed = 0
    for split, films in split_films.items():
        for label in CLASSES:
            for number in range(films):
                seed += 1
                draw_film(root / split / label / f"{name(split, label, number)}.png", seed)
    return root


def patient_name(split: str, label: str, number: int) -> str:
    """Names as in the real data, two films a patient."""
    patient = 100 * ("train", "val", "test").index(split) + number // 2
    if label == "NORMAL":
        return f"IM-{patient:04d}-{number:04d}"
    return f"person{patient}_virus_{number}"


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with ``train`` (2 x 12 films of 2 x 6 patients) and ``test`` (2 x 3)."""
    folder = tmp_path_factory.mktemp("chest_xray")
    return draw_data_folder(folder, {"train": 12, "test": 3}, patient_name)


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that ships ``tiny``: ResNet18 at 64 px, drawn at random, threshold one half."""
    import torch

    from core.models import ModelCard, build_network
    from core.models.weights import save_card, weights_file

    folder = tmp_path_factory.mktemp("weights")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = build_network("resnet18", size_px=64)
    file = weights_file(network, half=True)
    card = ModelCard(
        name="tiny",
        version="1.10",
        architecture="resnet18",
        size_px=64,
        sha256=hashlib.sha256(file).hexdigest(),
        threshold=0.5,
        validation_sensitivity=0.98,
        cam_scale=0.1,
        run="tiny-run",
        parameters=sum(part.numel() for part in network.parameters()),
    )
    save_card(card, file, folder)
    return folder


@pytest.fixture
def random() -> np.random.Generator:
    """Random numbers that are the same in every run."""
    return np.random.default_rng(0)
