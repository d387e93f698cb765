"""Window and level."""

import numpy as np
import pytest

from core.imaging import Preset, Window, preset_windows

FILM = np.zeros((200, 300), np.float32)  # a black border round greys from 0.2 to 0.6
FILM[20:-20, 20:-20] = np.linspace(0.2, 0.6, 160 * 260, dtype=np.float32).reshape(160, 260)


def edges(preset: Preset, film: np.ndarray = FILM) -> tuple[float, float]:
    window = preset_windows(film)[preset]
    return window.low_01, window.high_01


def test_centre_and_width_are_percent_of_the_films_range() -> None:
    assert (Window(40, 20).low_01, Window(40, 20).high_01) == pytest.approx((0.3, 0.5))
    assert Window(0, 200).low_01 == -1


@pytest.mark.parametrize(("centre", "width"), [(-1, 10), (101, 10), (50, 0), (50, 201)])
def test_a_window_that_no_slider_shows_is_refused(centre: int, width: int) -> None:
    with pytest.raises(ValueError, match="centre and width"):
        Window(centre, width)


def test_the_full_range_is_black_to_white() -> None:
    assert edges(Preset.FULL) == (0, 1)


def test_the_automatic_window_leaves_the_border_out() -> None:
    assert edges(Preset.AUTOMATIC) == pytest.approx((0.2, 0.6), abs=0.02)


def test_lung_spends_contrast_on_the_dark_and_mediastinum_on_the_bright() -> None:
    low, high = edges(Preset.AUTOMATIC)
    lung, mediastinum = edges(Preset.LUNG), edges(Preset.MEDIASTINUM)
    assert lung[0] == pytest.approx(low, abs=0.01)
    assert lung[1] < high - 0.1
    assert mediastinum[0] > low + 0.1
    assert mediastinum[1] == pytest.approx(high, abs=0.01)


def test_hard_is_narrower_and_soft_wider_about_the_same_centre() -> None:
    hard, usual, soft = (
        preset_windows(FILM)[preset] for preset in (Preset.HARD, Preset.AUTOMATIC, Preset.SOFT)
    )
    assert hard.width < usual.width < soft.width
    assert hard.centre == usual.centre == soft.centre


@pytest.mark.parametrize("preset", Preset)
@pytest.mark.parametrize("grey", [0.0, 0.5, 1.0])
def test_a_film_of_one_grey_has_a_window_too(preset: Preset, grey: float) -> None:
    low, high = edges(preset, np.full((64, 64), grey, np.float32))
    assert low < high


def test_every_preset_has_its_window_and_the_full_range_comes_first() -> None:
    windows = preset_windows(FILM)
    assert set(windows) == set(Preset)
    assert next(iter(windows)) is Preset.FULL


def test_a_large_film_gets_the_same_window_from_a_part_of_its_pixels() -> None:
    large = np.kron(FILM, np.ones((8, 8), np.float32))
    for preset in Preset:
        small, window = (preset_windows(film)[preset] for film in (FILM, large))
        assert abs(window.centre - small.centre) <= 1
        assert abs(window.width - small.width) <= 1
