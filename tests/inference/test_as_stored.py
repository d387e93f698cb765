"""A point of a film that was turned, found again in the image that its file stores."""

from functools import reduce

import numpy as np
import pytest

from core.imaging import Film, Turn, read_film, turned
from core.inference.as_stored import as_stored
from core.inference.gate import FilmKind, GateReport, set_right
from tests.support.phantoms import write_dicom

PLACE = (40, 90)
"""Row and column of the one bright square in the stored image."""


def film_with_a_square(**elements: object) -> Film:
    stored = np.full((128, 200), 30, np.uint8)
    stored[:, ::2] += 20
    stored[PLACE[0] : PLACE[0] + 4, PLACE[1] : PLACE[1] + 4] = 250
    return read_film(write_dicom(stored, **elements))


def square_in(film: Film) -> np.ndarray:
    """The middle of the square, in shares of the film."""
    rows, columns = np.nonzero(film.pixels > 0.9 * film.pixels.max())
    height, width = film.pixels.shape
    middle = [(columns.mean() + 0.5) / width, (rows.mean() + 0.5) / height]
    return np.array([middle], np.float32)


@pytest.mark.parametrize("by_the_gate", range(4))
@pytest.mark.parametrize(
    "by_hand", [[], [Turn.RIGHT], [Turn.MIRROR], [Turn.LEFT, Turn.MIRROR], [Turn.MIRROR, Turn.LEFT]]
)
def test_a_point_is_found_again_whoever_turned_the_film(
    by_the_gate: int, by_hand: list[Turn]
) -> None:
    upright = set_right(film_with_a_square(), GateReport(FilmKind.FILM, by_the_gate, False))
    film = reduce(turned, by_hand, upright)
    columns, rows = (as_stored(square_in(film), film) * (200, 128))[0]
    assert (rows, columns) == pytest.approx((PLACE[0] + 2, PLACE[1] + 2), abs=0.01)


def test_pixels_that_are_not_square_do_not_move_it() -> None:
    film = film_with_a_square(PixelSpacing=[0.4, 0.2])
    assert film.pixels.shape == (256, 200)
    columns, rows = (as_stored(square_in(film), film) * (200, 128))[0]
    assert (rows, columns) == pytest.approx((PLACE[0] + 2, PLACE[1] + 2), abs=0.5)
