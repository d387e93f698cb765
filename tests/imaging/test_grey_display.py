"""How a film is displayed, as a presentation state says it again."""

from typing import Any

import numpy as np
import pytest

from core.imaging import Film, read_film
from core.imaging.grey_display import GreyDisplay, Level, Rescale, grey_display
from core.imaging.luts import Table
from tests.support.phantoms import chest_phantom, lut_item, write_dicom

FILM = chest_phantom(100, 120).astype(np.uint16) * 16


def both(**elements: Any) -> tuple[GreyDisplay | None, Film]:
    data = write_dicom(FILM, bits=12, **elements)
    film = read_film(data)
    return grey_display(data, film), film


def shown(display: GreyDisplay) -> np.ndarray:
    """The film as a screen shows it by what is said of it."""
    values = FILM.astype(np.float64)
    if isinstance(display.modality, Rescale):
        values = values * display.modality.slope + display.modality.intercept
    else:
        values = display.modality.look_up(values)
    if isinstance(display.voi, Table):
        greys = display.voi.look_up(values) / display.voi.top
    else:
        low = display.voi.centre - 0.5 - (display.voi.width - 1) / 2
        greys = np.clip((values - low) / (display.voi.width - 1), 0, 1)
    return 1 - greys if display.inverted else greys


RAMP = np.linspace(0, 4095, 4096).astype(np.uint16)


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"WindowCenter": 2000, "WindowWidth": 3000},
        {"WindowCenter": [1500, 2000], "WindowWidth": ["2000", "3000"]},
        {"photometric": "MONOCHROME1"},
        {"photometric": "MONOCHROME1", "WindowCenter": 2000, "WindowWidth": 3000},
        {"PresentationLUTShape": "INVERSE"},
        {"RescaleSlope": 2, "RescaleIntercept": -100, "WindowCenter": 4000, "WindowWidth": 8000},
        {"ModalityLUTSequence": [lut_item(RAMP[::-1].copy(), 0, 16)]},
        {"VOILUTSequence": [lut_item(RAMP, 0, 12)]},
        {"VOILUTSequence": [lut_item(RAMP, 0, 12)], "WindowCenter": 0, "WindowWidth": 0},
        {"WindowCenter": 60000, "WindowWidth": 2},
        {"WindowCenter": 2000, "WindowWidth": -4},
        {"WindowCenter": 2000},
    ],
    ids=str,
)
def test_the_film_looks_as_it_was_read(elements: dict[str, Any]) -> None:
    display, film = both(**elements)
    assert display is not None
    np.testing.assert_allclose(shown(display), film.pixels, atol=0.002)


def test_size_and_proportions_are_the_stored_ones() -> None:
    display, film = both(PixelSpacing=[0.4, 0.2])
    assert film.pixels.shape == (200, 120)
    assert display is not None
    assert (display.rows, display.columns, display.aspect) == (100, 120, 2)


def test_padding_takes_no_part_in_a_films_own_window() -> None:
    padded = FILM.copy()
    padded[:20] = 4095
    data = write_dicom(padded, bits=12, PixelPaddingValue=4095)
    display = grey_display(data, read_film(data))
    assert display is not None
    assert isinstance(display.voi, Level)
    assert display.voi.centre + display.voi.width / 2 == pytest.approx(padded[20:].max() + 1)


def test_colour_has_no_display_in_grey() -> None:
    data = write_dicom(np.dstack([chest_phantom(100, 120)] * 3))
    assert grey_display(data, read_film(data)) is None
