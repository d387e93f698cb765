"""Augmented views of children's and adults' films, and of what is neither.

The two come from different sources, and a source shows in sharpness, exposure, compression and
frame. So every view is augmented strongly, films take the exposure and shading of the other
population's, margins are cut and lungs a little with them, and canvases and marks are drawn round
both alike.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.augmentation import Augmentation
from core.data.dataset import seed_of
from core.data.draw import Draw
from core.data.exchange import exchange
from core.data.frames import FRAMES, in_frame
from core.data.labels import POPULATIONS, Population
from core.data.other_views import film_of_two, lateral
from core.imaging.framing import cut, lungs_boxes, widened
from core.models.population import POPULATION_INPUT_PX, POPULATION_MARGIN

ALIKE, NEITHER = 26, 12
"""Views of a batch that show children, as many adults, and what is neither."""

BATCH = 2 * ALIKE + NEITHER
LATERAL_SHARE = 0.4
FRAMED_SHARE = 0.5
EXCHANGED_SHARE = 0.35
"""Share of the films that take the exposure and shading of a film of the other population."""

NARROWED_SHARE, DEEP_SHARE = 0.6, 0.3
"""Shares of the films whose margins are cut, and of these of the ones cut into the lungs."""

_LEAST_EXCHANGE = 0.3
_MOST_LUNG_CUT = 0.14
"""Of the lungs' width or height, at each side."""

_AUGMENTATION = Augmentation("all", POPULATION_INPUT_PX, least_crop=0.75, most_crop=1.5)
_CHILD, _ADULT, _NEITHER = range(len(POPULATIONS))


@dataclass(frozen=True, slots=True)
class Chests:
    """Films with their lungs and whose they are.

    Args:
        pixels: (N, 224, 224), uint8.
        lungs: (N, 224, 224), uint8: the probability of lung times 255.
        populations: (N,): a child's or an adult's.
    """

    pixels: NDArray[np.uint8]
    lungs: NDArray[np.uint8]
    populations: tuple[Population, ...]

    def __len__(self) -> int:
        return len(self.pixels)

    def tensor(self, place: int) -> Tensor:
        """A film and its lungs: (2, 224, 224), float32, in [0, 1]."""
        both = np.stack((self.pixels[place], self.lungs[place]))
        return torch.from_numpy(both).float() / 255

    def places(self, population: Population) -> NDArray[np.int64]:
        """Where the films of a population are."""
        return np.flatnonzero([its == population for its in self.populations])

    def some(self, places: NDArray[np.int64]) -> "Chests":
        """The films at these places."""
        return Chests(
            self.pixels[places],
            self.lungs[places],
            tuple(self.populations[place] for place in places),
        )


def view(chests: Chests, number: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """One batch of augmented views.

    Args:
        chests: The films.
        number: Of the batch; it and the seed decide everything random.
        seed: Of all batches.

    Returns:
        Images (B, 1, 128, 128), stretched, in [0, 1], the probability of lung, of that shape, and
        the place of each one's population in ``POPULATIONS``, (B,).
    """
    random = np.random.default_rng(seed_of(seed, number))
    children, adults = (chests.places(its) for its in (Population.CHILD, Population.ADULT))
    places = [*random.choice(children, ALIKE), *random.choice(adults, ALIKE)]
    shown = _exchanged([chests.tensor(place) for place in places], random)
    shown += [_neither(chests, random) for _ in range(NEITHER)]
    targets = torch.tensor([_CHILD] * ALIKE + [_ADULT] * ALIKE + [_NEITHER] * NEITHER)
    films, lungs = torch.split(torch.stack(shown), 1, dim=1)
    films, lungs = narrowed(films, lungs, random)
    if random.random() < FRAMED_SHARE:
        films, lungs = framed(FRAMES[int(random.integers(len(FRAMES)))], films, lungs)
    boxes = widened(lungs_boxes(lungs)[0], POPULATION_MARGIN)
    draw = Draw(seed_of(seed, number, 1), films.device)
    images, where = _AUGMENTATION(films, lungs, boxes, draw)
    return images, where, targets


def _exchanged(shown: list[Tensor], random: np.random.Generator) -> list[Tensor]:
    """Children's films and as many adults', some in the style of one of the other population."""
    found = []
    for place, both in enumerate(shown):
        if random.random() < EXCHANGED_SHARE:
            other = shown[int(random.integers(ALIKE)) + (ALIKE if place < ALIKE else 0)]
            share = float(random.uniform(_LEAST_EXCHANGE, 1))
            both = torch.cat((exchange(both[:1], other[:1], share).clamp(0, 1), both[1:]))
        found.append(both)
    return found


def narrowed(films: Tensor, lungs: Tensor, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Films, some with their margins cut by any part or into the lungs, and where their lungs are.

    Args:
        films: (B, 1, S, S), in [0, 1].
        lungs: (B, 1, S, S), the probability of lung.
        random: Draws which, and by how much.
    """
    x, y, width, height = lungs_boxes(lungs)[0].unbind(1)
    margins = torch.stack(
        (x - width / 2, 1 - x - width / 2, y - height / 2, 1 - y - height / 2)
    ).clamp_min(0)
    sides, count = torch.stack((width, width, height, height)), len(films)
    deep = torch.from_numpy(random.random(count) < DEEP_SHARE)
    parts, depths = torch.from_numpy(random.random((2, 4, count))).to(films)
    cuts = torch.where(deep, margins + sides * _MOST_LUNG_CUT * depths, margins * parts)
    cuts = cuts * torch.from_numpy(random.random(count) < NARROWED_SHARE)
    left, right, top, bottom = cuts
    kept = ((1 + left - right) / 2, (1 + top - bottom) / 2, 1 - left - right, 1 - top - bottom)
    boxes, side = torch.stack(kept, dim=1), films.shape[-1]
    return cut(films, boxes, side), cut(lungs, boxes, side)


def framed(frame: str, films: Tensor, lungs: Tensor) -> tuple[Tensor, Tensor]:
    """Films in another frame, with where their lungs are then: both (B, 1, H', W')."""
    seen = in_frame(frame, films, lungs)
    if frame == "marked":
        return seen, lungs
    moved = in_frame(frame, lungs, lungs)
    on_canvas = in_frame(frame, lungs - 2, lungs) >= 0  # a canvas is 0 to 1, all else below
    return seen, moved if frame == "cut" else moved * ~on_canvas


def _neither(chests: Chests, random: np.random.Generator) -> Tensor:
    """A film of two, or a drawn lateral view, with its lungs: (2, 224, 224)."""
    if random.random() < LATERAL_SHARE:
        return lateral(random)
    one, two = (chests.tensor(place) for place in random.integers(len(chests), size=2))
    return film_of_two((one, two), random)
