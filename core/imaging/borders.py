"""Plain borders: rows and columns at a film's edges that show one grey and nothing else.

A canvas round the film, whatever its shape and shade, would cost resolution when the film is
squashed. Padding that a file declares is shown as such a border too. Thin strips, which many films
have, cost next to nothing and stay.
"""

import torch
from torch import Tensor

_PLAIN = 3 / 255
"""Greys of a plain line differ by no more."""
_LEAST_CUT = 0.04
"""Of a side; what is plain at its end and less than this stays."""
_LEAST_LEFT = 0.25
"""Where less of a side than this would be left, nothing is a border."""
_ROUNDS = 2
"""Cutting columns can make further rows plain."""

Part = tuple[int, int, int, int]


def without_borders(image: Tensor) -> Part:
    """What of an image is left without its plain borders.

    Args:
        image: (H, W), float, in [0, 1].

    Returns:
        Top, bottom, left and right, in pixels; the whole image where there is no border, or too
        little would be left.
    """
    height, width = image.shape
    top, bottom, left, right = _inner(image)
    top, left = (
        first if first >= _LEAST_CUT * side else 0 for first, side in ((top, height), (left, width))
    )
    bottom, right = (
        last if side - last >= _LEAST_CUT * side else side
        for last, side in ((bottom, height), (right, width))
    )
    if bottom - top < _LEAST_LEFT * height or right - left < _LEAST_LEFT * width:
        return 0, height, 0, width
    return top, bottom, left, right


def _inner(image: Tensor) -> Part:
    """What is left of an image without any plain line at its edges."""
    top, left, (bottom, right) = 0, 0, image.shape
    for _ in range(_ROUNDS):
        part = image[top:bottom, left:right]
        if not any(map(_is_plain, (part[0], part[-1], part[:, 0], part[:, -1]))):
            break
        first, last = _shows(part, 1)
        top, bottom = top + first, top + last
        first, last = _shows(image[top:bottom, left:right], 0)
        left, right = left + first, left + last
    return top, bottom, left, right


def _is_plain(line: Tensor) -> bool:
    return bool(line.max() - line.min() <= _PLAIN)


def _shows(part: Tensor, along: int) -> tuple[int, int]:
    """From where to where the lines of an image are not plain; all of it where all are."""
    low, high = torch.aminmax(part, dim=along)
    shows = torch.nonzero(high - low > _PLAIN)[:, 0]
    return (int(shows[0]), int(shows[-1]) + 1) if len(shows) else (0, len(low))
