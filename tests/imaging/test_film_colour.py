"""Tinted films lose their tint, marks are let through, photographs are refused."""

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_sample_images

from core.imaging import read_film
from core.messages.errors import ColourPhotograph
from tests.support.phantoms import chest_phantom, encode

PHANTOM = chest_phantom(480, 512)
GREY = np.dstack([PHANTOM] * 3)
PORTRAIT = Path(matplotlib.get_data_path()) / "sample_data/grace_hopper.jpg"


def tinted(red: float, green: float, blue: float, base: float = 0.0) -> NDArray[np.uint8]:
    light = base + PHANTOM[..., None] / 255 * (1 - base)
    return (255 * light * np.array([red, green, blue])).astype(np.uint8)


def keys(array: NDArray[np.uint8], file_format: str = "PNG") -> list[str]:
    return [notice.key for notice in read_film(encode(array, file_format)).notices]


@pytest.mark.parametrize("name", ["china.jpg", "flower.jpg"])
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF", "BMP"])
def test_photographs_are_refused(name: str, file_format: str) -> None:
    samples = load_sample_images()
    index = [Path(file).name for file in samples.filenames].index(name)
    with pytest.raises(ColourPhotograph):
        read_film(encode(samples.images[index], file_format))


def test_a_portrait_is_refused() -> None:
    with pytest.raises(ColourPhotograph):
        read_film(PORTRAIT.read_bytes())


@pytest.mark.parametrize("step", [2, 4])
def test_a_photograph_is_refused_at_any_size(step: int) -> None:
    with pytest.raises(ColourPhotograph):
        read_film(
            encode(np.ascontiguousarray(load_sample_images().images[0][::step, ::step]), "PNG")
        )


@pytest.mark.parametrize(
    "film",
    [
        tinted(1.0, 0.85, 0.62),
        tinted(0.6, 0.8, 1.0),
        tinted(0.55, 0.75, 1.0, base=0.2),
        tinted(0.5, 1.0, 0.6),
    ],
    ids=["sepia", "blue", "blue base", "green monitor"],
)
@pytest.mark.parametrize("file_format", ["PNG", "JPEG"])
def test_a_tint_is_removed_and_told(film: NDArray[np.uint8], file_format: str) -> None:
    assert keys(film, file_format) == ["film.notice.tint"]
    pixels = read_film(encode(film, file_format)).pixels
    assert np.corrcoef(pixels.ravel(), PHANTOM.ravel())[0, 1] > 0.998


def test_sepia_made_by_a_curve() -> None:
    dark, light = np.array([40, 22, 10]), np.array([255, 240, 214])
    mix = PHANTOM[..., None] / 255
    film = (dark * (1 - mix) * mix * 4 + light * mix).clip(0, 255).astype(np.uint8)
    assert keys(film) == ["film.notice.tint"]


def test_small_coloured_marks_are_let_through() -> None:
    marked = GREY.copy()
    marked[20:60, 400:480] = (255, 0, 0)
    marked[430:460, 20:120] = (255, 255, 0)
    assert keys(marked) == []


def test_marks_on_a_tinted_film_too() -> None:
    marked = tinted(0.6, 0.8, 1.0)
    marked[20:60, 400:480] = (255, 0, 0)
    assert keys(marked) == ["film.notice.tint"]


def test_large_coloured_areas_are_refused() -> None:
    painted = GREY.copy()
    painted[:240, :160] = (200, 30, 30)
    painted[240:, :160] = (30, 30, 200)
    with pytest.raises(ColourPhotograph):
        read_film(encode(painted, "PNG"))


def test_jpeg_noise_in_the_chroma_is_no_colour() -> None:
    noise = np.random.default_rng(1).normal(0, 3, GREY.shape)
    assert keys((GREY + noise).clip(0, 255).astype(np.uint8), "JPEG") == []
