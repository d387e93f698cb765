"""Pictures with a film's grain and greys and no chest in them, made from training films.

They teach the gate to look for a chest as a whole, not for the texture of a film.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from core.imaging.preprocess import FILM_SIZE_PX, resize


def broken(films: Sequence[Tensor], random: np.random.Generator) -> Tensor:
    """A picture with a film's texture and no chest: shuffled tiles, a swirl, or a contact sheet.

    Args:
        films: Four of (1, 224, 224), in [0, 1].
        random: Random numbers.

    Returns:
        (1, 224, 224), in [0, 1].
    """
    film, side = films[0], FILM_SIZE_PX
    way = random.integers(3)
    if way == 0:
        tiles = int(random.choice([4, 7, 8]))
        cut = film.reshape(tiles, side // tiles, tiles, side // tiles).permute(0, 2, 1, 3)
        mixed = cut.reshape(tiles**2, *cut.shape[2:])[random.permutation(tiles**2)]
        return mixed.reshape(cut.shape).permute(0, 2, 1, 3).reshape(1, side, side)
    if way == 1:
        axis = torch.linspace(-1, 1, side)
        y, x = torch.meshgrid(axis, axis, indexing="ij")
        radius, angle = torch.hypot(x, y), torch.atan2(y, x) / torch.pi
        swirl = torch.stack([angle, 2 * radius - 1], -1)[None]
        return functional.grid_sample(film[None], swirl, align_corners=True)[0]
    halves = [resize(each, side // 2) for each in films]
    rows = torch.cat(halves[:2], 2), torch.cat(halves[2:], 2)
    return torch.cat(rows, 1)
