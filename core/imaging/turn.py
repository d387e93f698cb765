"""Turning a film by hand: quarter turns and mirroring, on top of what was done on reading."""

from dataclasses import replace
from enum import StrEnum

import numpy as np

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


def _notices(orientation: Orientation) -> tuple[Notice, ...]:
    return tuple(Notice(f"viewer.notice.{name}") for name in orientation.names)
