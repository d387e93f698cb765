"""Turning a film by hand."""

from itertools import product

import numpy as np
import pytest

from core.imaging import AS_READ, Film, FilmFacts, Notice, Orientation, Turn, turned

PIXELS = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)


def film(*notices: Notice) -> Film:
    facts = FilmFacts("PNG", width_px=4, height_px=3, bits=8)
    return Film(PIXELS.copy(), "0" * 64, facts, notices)


def after(*turns: Turn) -> Film:
    seen = film()
    for turn in turns:
        seen = turned(seen, turn)
    return seen


def test_a_quarter_turn_to_the_right_brings_the_left_edge_up() -> None:
    right = after(Turn.RIGHT)
    assert (right.facts.width_px, right.facts.height_px) == (3, 4)
    assert np.array_equal(right.pixels[0], PIXELS[::-1, 0])
    assert right.facts.orientation == Orientation(quarter_turns=1)
    assert right.notices == (Notice("viewer.notice.turned_1"),)
    assert right != film()


def test_mirrored_left_and_right_change_places() -> None:
    mirrored = after(Turn.MIRROR)
    assert np.array_equal(mirrored.pixels, PIXELS[:, ::-1])
    assert mirrored.notices == (Notice("viewer.notice.mirrored"),)


@pytest.mark.parametrize("turns", list(product(Turn, repeat=3)))
def test_the_orientation_tells_how_the_pixels_lie(turns: tuple[Turn, ...]) -> None:
    seen = after(*turns)
    told = seen.facts.orientation
    expected = PIXELS[:, ::-1] if told.mirrored else PIXELS
    assert np.array_equal(seen.pixels, np.rot90(expected, -told.quarter_turns))
    assert [notice.key for notice in seen.notices] == [
        f"viewer.notice.{name}" for name in told.names
    ]


@pytest.mark.parametrize("turns", [[Turn.LEFT, Turn.RIGHT], [Turn.MIRROR] * 2, [Turn.LEFT] * 4])
def test_turned_back_it_is_the_first_film_again(turns: list[Turn]) -> None:
    seen = after(*turns)
    assert seen == film()
    assert seen.facts.orientation == AS_READ
    assert np.array_equal(seen.pixels, PIXELS)


def test_what_else_is_known_of_the_film_stays() -> None:
    tint = Notice("film.notice.tint")
    assert turned(turned(film(tint), Turn.LEFT), Turn.LEFT).notices == (
        tint,
        Notice("viewer.notice.turned_2"),
    )


def test_an_orientation_checks_itself() -> None:
    with pytest.raises(ValueError, match="0 to 3, not 4"):
        Orientation(quarter_turns=4)
