"""What the population reader is taught on: other margins, other styles, the same chests."""

import numpy as np
import torch
from torch import Tensor

from core.data.labels import POPULATIONS, Population
from core.imaging.framing import LUNGS_FROM
from core.models.population import POPULATION_INPUT_PX
from core.training.population.views import ALIKE, BATCH, Chests, framed, narrowed, view

SIDE_PX = 64
FILMS = 64


def films_and_lungs() -> tuple[Tensor, Tensor]:
    """Both (64, 1, 64, 64): a ramp from left to right, and lungs in its middle."""
    ramp = torch.linspace(0, 1, SIDE_PX).expand(FILMS, 1, SIDE_PX, SIDE_PX).contiguous()
    lungs = torch.zeros(FILMS, 1, SIDE_PX, SIDE_PX)
    lungs[:, :, 20:50, 16:44] = 1.0
    return ramp, lungs


def test_margins_are_cut_and_lungs_never_by_half() -> None:
    films, lungs = films_and_lungs()
    seen, where = narrowed(films, lungs, np.random.default_rng(0))
    is_cut = (seen - films).abs().amax((1, 2, 3)) > 0.02
    assert 0 < int(is_cut.sum()) < FILMS
    grown = (where > LUNGS_FROM).sum((1, 2, 3)) / (lungs > LUNGS_FROM).sum((1, 2, 3))
    assert (grown[is_cut] > 1.03).all()
    before, after = films[lungs > 0], seen[where > LUNGS_FROM]
    assert after.min() > before.min() - 0.03
    assert after.max() < before.max() + 0.03
    width = before.max() - before.min()
    over_lungs = [film[its > LUNGS_FROM] for film, its in zip(seen, where, strict=True)]
    spans = torch.stack([greys.max() - greys.min() for greys in over_lungs])
    assert (spans > width / 2).all()
    is_deep = spans < width * 0.95
    assert 0 < int(is_deep.sum()) < int(is_cut.sum())


def test_a_canvas_moves_film_and_lungs_alike() -> None:
    films, lungs = films_and_lungs()
    seen, where = framed("canvas_16_9", films, lungs)
    assert seen.shape == where.shape
    assert torch.equal(where[..., where.shape[-1] // 2 - 12], lungs[..., SIDE_PX // 2 - 12])
    assert where.sum() == lungs.sum()


def test_a_batch_shows_both_alike_and_follows_from_its_number_alone() -> None:
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (8, 224, 224), dtype=np.uint8)
    lungs = np.zeros_like(pixels)
    lungs[:, 60:160, 50:170] = 255
    chests = Chests(pixels, lungs, (Population.CHILD,) * 4 + (Population.ADULT,) * 4)
    images, where, targets = view(chests, 3, 0)
    assert images.shape == where.shape == (BATCH, 1, POPULATION_INPUT_PX, POPULATION_INPUT_PX)
    assert 0 <= images.min() <= images.max() <= 1
    shown = [targets.tolist().count(POPULATIONS.index(its)) for its in Population]
    assert shown[:2] == [ALIKE, ALIKE]
    assert torch.equal(images, view(chests, 3, 0)[0])
    assert not torch.equal(images, view(chests, 4, 0)[0])
