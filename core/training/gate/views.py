"""What the gate is taught on: films and other pictures, turned, inverted and augmented."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from core.data.broken_films import broken
from core.data.dataset import seed_of
from core.data.draw import Draw
from core.data.drawn_pictures import TAUGHT
from core.data.non_films import Source
from core.imaging.preprocess import squash, stretch_exposure
from core.models.gate import INPUT_PX, TURNS
from core.training.gate.module import NO_TURN
from core.training.gate.policies import EXPORTS, LIGHT, STRONG, augmented

TAUGHT_POLICIES = (LIGHT, STRONG, EXPORTS)
DRAWN_SHARE, BROKEN_SHARE = 0.25, 0.15
UPRIGHT_SHARE, INVERTED_SHARE = 0.4, 0.3

Pixels = NDArray[np.uint8]


class Views(Dataset[tuple[Tensor, Tensor]]):
    """Endless views, half of them films: turned, inverted and augmented as the index decides.

    Args:
        films: (N, 224, 224).
        non_films: One array a kind, each (n, 224, 224); kinds are drawn alike.
        length: How many views.
        seed: Of everything random.
        policies: Names of the augmentation policies, drawn alike.
        film_share: How many of the views are films, 0 to 1.
    """

    def __init__(
        self,
        films: Pixels,
        non_films: Sequence[Pixels],
        length: int,
        seed: int,
        policies: Sequence[str] = TAUGHT_POLICIES,
        film_share: float = 0.5,
    ) -> None:
        self.films = films
        self.non_films = non_films
        self.length = length
        self.seed = seed
        self.policies = tuple(policies)
        self.film_share = film_share

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Image (1, 112, 112) in [0, 1], and (film, turn, inverted), (3,)."""
        random = np.random.default_rng(seed_of(self.seed, index))
        is_film = random.random() < self.film_share
        image = self._film(random, index) if is_film else self._non_film(random)
        policy = self.policies[int(random.integers(len(self.policies)))]
        draw = Draw(seed_of(self.seed, index), torch.device("cpu"))
        image = stretch_exposure(augmented(policy, image[None], INPUT_PX, draw)[0])
        turn = 0 if random.random() < UPRIGHT_SHARE else int(random.integers(1, TURNS))
        inverted = random.random() < INVERTED_SHARE
        image = torch.rot90(image, turn, (1, 2))
        image = 1 - image if inverted else image
        return image, torch.tensor([is_film, turn if is_film else NO_TURN, inverted]).float()

    def _film(self, random: np.random.Generator, index: int | None = None) -> Tensor:
        chosen = int(random.integers(len(self.films))) if index is None else index
        return torch.from_numpy(self.films[chosen % len(self.films)]).float()[None] / 255

    def _non_film(self, random: np.random.Generator) -> Tensor:
        share = random.random()
        if share < DRAWN_SHARE:
            draw = list(TAUGHT.values())[int(random.integers(len(TAUGHT)))]
            return torch.from_numpy(draw(random))[None]
        if share < DRAWN_SHARE + BROKEN_SHARE:
            return broken([self._film(random) for _ in range(4)], random)
        kind = self.non_films[int(random.integers(len(self.non_films)))]
        return torch.from_numpy(kind[int(random.integers(len(kind)))]).float()[None] / 255


def load_kinds(sources: Sequence[Source]) -> list[Pixels]:
    """The pictures of each kind, squashed: (n, 224, 224) a kind."""
    kinds: dict[str, list[Pixels]] = {}
    for source in sources:
        for picture in source.pictures():
            eight_bits = (squash(picture.pixels)[0] * 255).round().to(torch.uint8).numpy()
            kinds.setdefault(source.kind, []).append(eight_bits)
    return [np.stack(pictures) for pictures in kinds.values()]
