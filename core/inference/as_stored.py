"""Where points of a film lie in the image that its file stores, whatever was turned since."""

import re

import numpy as np
from numpy.typing import NDArray

from core.imaging import Film

_TURNED = re.compile(r"gate\.notice\.turned_([123])")


def as_stored(points: NDArray[np.float32], film: Film) -> NDArray[np.float32]:
    """Points of a film as it was read, in the image as its DICOM file stores it.

    The gate turns a film first, then its reader mirrors and turns it; all of that is undone. An
    image whose pixels are not square was only stretched, so that shares of it stay the same.

    Args:
        points: (N, 2), x and y in shares of the film's width and height, 0 to 1.
        film: The film as it was read.

    Returns:
        (N, 2), x and y in shares of the stored image's columns and rows.
    """
    by_hand = film.facts.orientation
    points = _turned_back(points, by_hand.quarter_turns)
    if by_hand.mirrored:
        points = np.column_stack([1 - points[:, 0], points[:, 1]])
    return _turned_back(points, _turns_of_the_gate(film))


def _turned_back(points: NDArray[np.float32], quarter_turns: int) -> NDArray[np.float32]:
    """Where points lay before so many quarter turns clockwise."""
    for _ in range(quarter_turns):
        points = np.column_stack([points[:, 1], 1 - points[:, 0]])
    return points


def _turns_of_the_gate(film: Film) -> int:
    """By how many quarter turns clockwise the gate set the film upright."""
    found = (_TURNED.fullmatch(notice.key) for notice in film.notices)
    return sum(int(match[1]) for match in found if match)
