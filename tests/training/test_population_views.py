"""What the population reader is taught on: margins are cut, lungs are not."""

import numpy as np
import torch
from torch import Tensor

from core.imaging.framing import LUNGS_FROM
from core.training.population.views import framed, narrowed

SIDE_PX = 64
FILMS = 16


def films_and_lungs() -> tuple[Tensor, Tensor]:
    """Both (16, 1, 64, 64): a ramp from left to right, and lungs in its middle."""
    ramp = torch.linspace(0, 1, SIDE_PX).expand(FILMS, 1, SIDE_PX, SIDE_PX).contiguous()
    lungs = torch.zeros(FILMS, 1, SIDE_PX, SIDE_PX)
    lungs[:, :, 20:50, 16:44] = 1.0
    return ramp, lungs


def test_margins_are_cut_from_some_films_and_from_no_lungs() -> None:
    films, lungs = films_and_lungs()
    seen, where = narrowed(films, lungs, np.random.default_rng(0))
    is_cut = (seen - films).abs().amax((1, 2, 3)) > 0.02
    assert 0 < int(is_cut.sum()) < FILMS
    grown = (where > LUNGS_FROM).sum((1, 2, 3)) / (lungs > LUNGS_FROM).sum((1, 2, 3))
    assert (grown > 0.97).all()
    assert (grown[is_cut] > 1.03).all()
    over_lungs = seen[where > LUNGS_FROM]
    assert over_lungs.min() < films[lungs > 0].min() + 0.03
    assert over_lungs.max() > films[lungs > 0].max() - 0.03


def test_a_canvas_moves_film_and_lungs_alike() -> None:
    films, lungs = films_and_lungs()
    seen, where = framed("canvas_16_9", films, lungs)
    assert seen.shape == where.shape
    assert torch.equal(where[..., where.shape[-1] // 2 - 12], lungs[..., SIDE_PX // 2 - 12])
    assert where.sum() == lungs.sum()
