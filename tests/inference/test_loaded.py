"""Weights that change while the server runs: told, not read with, and right again by themselves."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.imaging import read_film
from core.inference.loaded import Loaded
from core.inference.model import Diagnostician
from core.messages.errors import UnknownModel, WeightsDamaged, WeightsError, WeightsMissing
from tests.conftest import ship_tiny
from tests.support.phantoms import chest_phantom, encode


@pytest.fixture
def folder(tiny_weights: Path, tmp_path: Path) -> Path:
    """A copy of the tiny weights, to be spoiled."""
    return Path(shutil.copytree(tiny_weights, tmp_path / "weights"))


@pytest.fixture
def shared(folder: Path) -> Loaded[Diagnostician]:
    return Loaded(lambda name: Diagnostician.load(name, folder), folder)


def remove(file: Path) -> None:
    file.unlink()


def damage(file: Path) -> None:
    file.write_bytes(bytes([file.read_bytes()[0] ^ 1]) + file.read_bytes()[1:])


def shorten(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


@pytest.mark.parametrize(
    ("spoil", "name", "error"),
    [
        (remove, "tiny.safetensors", WeightsMissing),
        (damage, "tiny.safetensors", WeightsDamaged),
        (shorten, "tiny.safetensors", WeightsDamaged),
        (remove, "tiny.json", UnknownModel),
        (shorten, "tiny.json", WeightsDamaged),
    ],
)
def test_spoiled_files_are_told_until_the_right_one_is_back(
    folder: Path,
    shared: Loaded[Diagnostician],
    spoil: Callable[[Path], None],
    name: str,
    error: type[WeightsError],
) -> None:
    film = read_film(encode(chest_phantom(90, 80), "PNG"))
    file = folder / name
    right, before = file.read_bytes(), shared("tiny").diagnose(film).probability
    spoil(file)
    for _ in range(2):
        with pytest.raises(error):
            shared("tiny")
    file.write_bytes(right)
    assert shared("tiny").diagnose(film).probability == before


def test_a_model_is_loaded_once_as_long_as_its_files_stay(shared: Loaded[Diagnostician]) -> None:
    assert shared("tiny") is shared("tiny")


def test_a_model_that_is_published_anew_reads_the_next_film(
    folder: Path, shared: Loaded[Diagnostician]
) -> None:
    before = shared("tiny").card.sha256
    card = ship_tiny(folder, "tiny", seed=7, size_px=64)
    assert shared("tiny").card.sha256 == card.sha256 != before
