"""Turning a film by hand: quarter turns and mirroring, on top of what was done on reading."""

from dataclasses import replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.imaging.film import Film, Notice, Orientation


class Turn(StrEnum):
    """What a reader does with the film as it is seen."""

    LEFT = "left"
    RIGHT = "right"
    MIRROR = "mirror"


def oriented(orientation: Orientation, turn: Turn) -> Orientation:
    """The orientation after one more turn.

    Examples:
        >>> oriented(Orientation(quarter_turns=1), Turn.MIRROR)
        Orientation(quarter_turns=3, mirrored=True)
    """
    turns, mirrored = orientation.quarter_turns, orientation.mirrored
    if turn is Turn.MIRROR:
        return Orientation(-turns % 4, not mirrored)
    return Orientation((turns + (1 if turn is Turn.RIGHT else -1)) % 4, mirrored)


def turned(film: Film, turn: Turn) -> Film:
    """The film after one turn; its facts and notices tell of all turns by hand together.

    Args:
        film: As it is seen.
        turn: Left and right are quarter turns; mirrored, left and right change places.

    Returns:
        A film of the same file with its own pixels. Turned back, it is equal to the first again.
    """
    if turn is Turn.MIRROR:
        pixels = np.fliplr(film.pixels)
    else:
        pixels = np.rot90(film.pixels, -1 if turn is Turn.RIGHT else 1)
    height_px, width_px = pixels.shape
    orientation = oriented(film.facts.orientation, turn)
    told = set(_notices(film.facts.orientation))
    return replace(
        film,
        pixels=np.ascontiguousarray(pixels),
        facts=replace(film.facts, width_px=width_px, height_px=height_px, orientation=orientation),
        notices=(
            *(notice for notice in film.notices if notice not in told),
            *_notices(orientation),
        ),
    )


def upright(pixels: NDArray[np.float32], orientation: object) -> NDArray[np.float32]:
    """A picture turned and mirrored as EXIF says (EXIF 2.32, 4.6.4): 1 to 8, anything else is 1.

    Args:
        pixels: Shape (height, width), as stored.
        orientation: Which sides the first row and the first column are.
    """
    if orientation not in _UPRIGHT:
        return pixels
    transposed, upside_down, mirrored = _UPRIGHT[orientation]
    turned_pixels = pixels.T if transposed else pixels
    turned_pixels = turned_pixels[:: -1 if upside_down else 1, :: -1 if mirrored else 1]
    return np.ascontiguousarray(turned_pixels)


_UPRIGHT: dict[object, tuple[bool, bool, bool]] = {
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}


def _notices(orientation: Orientation) -> tuple[Notice, ...]:
    return tuple(Notice(f"viewer.notice.{name}") for name in orientation.names)
