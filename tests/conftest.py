"""What several test packages share: a tiny data folder and tiny models that ship."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from core.data.labels import CLASSES
from tests.support.phantoms import chest_phantom

if TYPE_CHECKING:
    from core.models import ModelCard

if "PYTEST_XDIST_WORKER" in os.environ:  # before torch: as many processes as cores compute
    os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["READING_ROOM_GATE"] = "off"  # phantoms are drawn, and the gate knows so

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


def ship_tiny(folder: Path, name: str, seed: int, size_px: int, **entries: Any) -> "ModelCard":
    """Ship a ResNet18 drawn at random, with an empty review band; ``entries`` change its card."""
    import torch

    from core.models import ModelCard, build_network
    from core.models.network import COARSE_STRIDE_PX
    from core.models.weights import save_card, weights_file

    reads = {name: entries[name] for name in ("pooling", "framing") if name in entries}
    fine = entries.get("map_stride_px", COARSE_STRIDE_PX) < COARSE_STRIDE_PX
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = build_network("resnet18", size_px, fine=fine, **reads)
    file = weights_file(network, half=True)
    known = {
        "name": name,
        "version": "1.10",
        "architecture": "resnet18",
        "size_px": size_px,
        "sha256": hashlib.sha256(file).hexdigest(),
        "temperature": 2.0,
        "threshold": 0.5,
        "review_low": 0.5,
        "review_high": 0.5,
        "review_alpha": 0.01,
        "cam_scale": 0.1,
        "run": f"{name}-run",
        "parameters": sum(part.numel() for part in network.parameters()),
    }
    card = ModelCard(**{**known, **entries})
    save_card(card, file, folder)
    return card


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that ships ``tiny``: 64 px, temperature 2, threshold one half, nothing to review."""
    folder = tmp_path_factory.mktemp("weights")
    ship_tiny(folder, "tiny", seed=0, size_px=64)
    return folder


@pytest.fixture(scope="session")
def tiny_ensemble(tiny_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that ships ``tiny``, ``large`` at 96 px, and ``pair``, the ensemble of both."""
    from dataclasses import replace

    from core.models import load_card
    from core.models.weights import joined_sha256, save_card

    folder = Path(shutil.copytree(tiny_weights, tmp_path_factory.mktemp("ensemble") / "weights"))
    members = [load_card("tiny", folder), ship_tiny(folder, "large", seed=1, size_px=96)]
    pair = replace(
        members[1],
        name="pair",
        architecture="ensemble",
        sha256=joined_sha256([member.sha256 for member in members]),
        temperature=1.5,
        run="tiny-run+large-run",
        parameters=sum(card.parameters for card in members),
        members=("tiny", "large"),
    )
    save_card(pair, None, folder)
    return folder


@pytest.fixture(scope="session")
def lungs_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that ships ``lungs``: as ``tiny``, but it reads the lungs alone, at 96 px."""
    folder = tmp_path_factory.mktemp("lungs_weights")
    over_lungs = {"framing": "lungs", "pooling": "lungs", "map_stride_px": 16}
    ship_tiny(folder, "lungs", seed=2, size_px=96, heat_method="cam", **over_lungs)
    return folder


@pytest.fixture
def random() -> np.random.Generator:
    """Random numbers that are the same in every run."""
    return np.random.default_rng(0)
