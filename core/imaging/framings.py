"""Ways to frame a film for a network, by name; what ships is chosen among them by validation.

``film`` reads the whole squashed film, ``film_unmarked`` with everything that is sharp outside the
chest blurred away, ``lungs`` the box round the lungs, ``lungs_proportions`` a box with the film's
own proportions, ``lungs_dark`` the box with everything but the lungs and a rim in black. The first
two are there for comparison: networks that ship read the region round the lungs.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d

from core.imaging.blur import gaussian
from core.imaging.framing import (
    LUNGS_FROM,
    MARGIN,
    lungs_boxes,
    proportioned,
    whole,
    widened,
)

FILM, LUNGS = "film", "lungs"
FILM_UNMARKED, LUNGS_PROPORTIONS, LUNGS_DARK = "film_unmarked", "lungs_proportions", "lungs_dark"
FRAMINGS = (FILM, FILM_UNMARKED, LUNGS, LUNGS_PROPORTIONS, LUNGS_DARK)
WHOLE = (FILM, FILM_UNMARKED)
"""Framings of the whole film, borders and all; the others start from the region of the lungs."""
_RIM_PX = 6
_BLUR_PX = 8.0


@dataclass(frozen=True, slots=True)
class Framed:
    """Films with what of them is read.

    Args:
        films: (B, 1, 224, 224), float32, in [0, 1].
        lungs: (B, 1, 224, 224), the probability of lung.
        boxes: (B, 4), what is read, as ``core.imaging.framing`` has them.
    """

    films: Tensor
    lungs: Tensor
    boxes: Tensor


def frame(framing: str, films: Tensor, lungs: Tensor, proportions: Tensor) -> Framed:
    """Frame squashed films.

    Args:
        framing: One of ``FRAMINGS``.
        films: (B, 1, 224, 224), float32, in [0, 1].
        lungs: (B, 1, 224, 224), the probability of lung.
        proportions: (B,), width over height of each film before it was squashed.
    """
    if framing == FILM:
        return Framed(films, lungs, whole(len(films), films.device))
    boxes = widened(lungs_boxes(lungs)[0], MARGIN)
    if framing == FILM_UNMARKED:
        unmarked = torch.where(_inside(boxes, films), films, gaussian(films, _BLUR_PX))
        return Framed(unmarked, lungs, whole(len(films), films.device))
    if framing == LUNGS_PROPORTIONS:
        return Framed(films, lungs, proportioned(boxes, proportions))
    if framing == LUNGS_DARK:
        is_lung = (lungs > LUNGS_FROM).float()
        return Framed(films * max_pool2d(is_lung, 2 * _RIM_PX + 1, 1, _RIM_PX), lungs, boxes)
    if framing != LUNGS:
        raise ValueError(f"framing must be one of {FRAMINGS}, not {framing!r}")
    return Framed(films, lungs, boxes)


def _inside(boxes: Tensor, films: Tensor) -> Tensor:
    """(B, 1, H, W), bool: which pixels of films lie in boxes (B, 4)."""
    height, width = films.shape[-2:]
    columns = (torch.arange(width, device=films.device) + 0.5) / width
    rows = (torch.arange(height, device=films.device) + 0.5) / height
    across = (columns[None] - boxes[:, :1]).abs() <= boxes[:, 2:3] / 2
    down = (rows[None] - boxes[:, 1:2]).abs() <= boxes[:, 3:] / 2
    return down[:, None, :, None] & across[:, None, None, :]
