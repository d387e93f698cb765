"""The lungs of a film: found once for all networks that read it, and drawn on the film.

The shipped segmenter is loaded once and shared. Films are read one at a time, so that a film's
result does not depend on which others are read with it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from contourpy import contour_generator
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from core.imaging import Film
from core.imaging.framing import LUNGS_FROM, cut, lung_weights, within
from core.imaging.framings import Framed, frame
from core.imaging.placing import Box, as_box, placed, relative
from core.inference.loaded import Loaded
from core.models.lungs import FoundLungs, LungsNetwork, find_lungs
from core.models.lungs_card import LUNGS_FOLDER, LungsCard, load_shipped_lungs

_FULL = 255


@dataclass(frozen=True, slots=True)
class Located:
    """Films whose lungs were looked for, ready to be framed for any network.

    Args:
        found: The region of each film that is read, squashed, and its lungs.
        proportions: (B,), width over height of those regions before they were squashed.
    """

    found: FoundLungs
    proportions: Tensor

    def __len__(self) -> int:
        return len(self.proportions)

    def framed(self, framing: str) -> Framed:
        """What of the films a network reads: boxes are shares of the regions."""
        return frame(framing, self.found.films, self.found.lungs, self.proportions)

    def on_film(self, framed: Framed) -> Tensor:
        """The boxes (B, 4) of framed films as shares of the whole films."""
        return within(framed.boxes, self.found.regions)

    def with_films(self, films: Tensor) -> "Located":
        """The same lungs and regions, other pixels: (B, 1, 224, 224); one film may become many."""
        many = len(films) // len(self)
        found = self.found
        again = FoundLungs(
            films,
            found.lungs.repeat(many, 1, 1, 1),
            found.regions.repeat(many, 1),
            found.found.repeat(many),
        )
        return Located(again, self.proportions.repeat(many))

    def each(self) -> Iterator["Located"]:
        """The films one by one."""
        found = self.found
        for index in range(len(self)):
            own = slice(index, index + 1)
            parts = (found.films[own], found.lungs[own], found.regions[own], found.found[own])
            yield Located(FoundLungs(*parts), self.proportions[own])


@dataclass(frozen=True, slots=True)
class LungsMap:
    """Where the lungs of one film are, small enough to keep.

    Args:
        probability: (224, 224), uint8: the probability of lung times 255, over the region.
        region: The part of the film that was looked at.
        found: Whether there are lungs.
    """

    probability: NDArray[np.uint8]
    region: Box
    found: bool

    def over(self, height_px: int, width_px: int) -> NDArray[np.bool_]:
        """The lungs at a film's own size: (height_px, width_px), true is lung."""
        lungs: NDArray[np.bool_] = self.weights(height_px, width_px) > 0
        return lungs

    def weights(self, height_px: int, width_px: int) -> NDArray[np.float32]:
        """How much each place of the film counts: (height_px, width_px), in [0, 1].

        The probability of lung where there is lung, and 0 elsewhere.
        """
        shares = self.probability.astype(np.float32) / np.float32(_FULL)
        return lung_weights(placed(shares, self.region, height_px, width_px, "bilinear"))

    def shares(self, box: Box, height: int, width: int) -> NDArray[np.float32]:
        """How much each cell of a grid over a box of the film counts, on average.

        Args:
            box: The part of the film that the grid covers.
            height: Rows of the grid.
            width: Columns.

        Returns:
            (height, width), in [0, 1].
        """
        lungs = torch.from_numpy(self.probability)[None, None].float() / _FULL
        own = torch.tensor([relative(box, self.region)])
        weights = lung_weights(cut(lungs, own, len(self.probability)))
        cells: NDArray[np.float32] = adaptive_avg_pool2d(weights, (height, width))[0, 0].numpy()
        return cells

    def outline(self) -> list[NDArray[np.float32]]:
        """The lungs' outline, as lines.

        Returns:
            A line each: (N, 2), x and y in shares of the film's width and height. Along the
            region's edge there is no line.
        """
        middles = (np.arange(len(self.probability)) + 0.5) / len(self.probability)
        x, y, width, height = self.region
        generator = contour_generator(
            x - width / 2 + middles * width,
            y - height / 2 + middles * height,
            self.probability.astype(np.float32) / np.float32(_FULL),
        )
        return [np.asarray(line, dtype=np.float32) for line in generator.lines(LUNGS_FROM)]


class Segmenter:
    """The shipped lungs segmenter. Safe to share between threads: nothing in it changes.

    Args:
        card: Its card.
        network: Its network, in evaluation mode and without gradients.
    """

    def __init__(self, card: LungsCard, network: LungsNetwork) -> None:
        self.card = card
        self.network = network

    @classmethod
    def load(cls, folder: Path = LUNGS_FOLDER) -> "Segmenter":
        """Load and verify the shipped segmenter.

        Raises:
            WeightsError: Its files are missing, damaged or not the segmenter's.
        """
        return cls(*load_shipped_lungs(folder))

    def locate(self, images: Iterable[Tensor], proportions: Iterable[float] = ()) -> Located:
        """Look for the lungs of films, one after another.

        Args:
            images: Each (1, H, W), float32, in [0, 1], at the film's own size: where the lungs are
                small, they are cut from these pixels.
            proportions: Width over height of each film, where it was squashed before; those of the
                images if none are given.
        """
        return joined(self.each(images, proportions))

    def each(
        self, images: Iterable[Tensor], proportions: Iterable[float] = ()
    ) -> Iterator[Located]:
        """The same, a film at a time, so that many films need not be held.

        Probabilities are rounded to bytes, as those of training films are.
        """
        given = iter(proportions)
        for image in images:
            found = find_lungs(self.network, image[None])
            height, width = image.shape[-2:]
            whole = next(given, width / height)
            shape = found.regions[:, 2] / found.regions[:, 3] * whole
            in_bytes = replace(found, lungs=(found.lungs * _FULL).round() / _FULL)
            yield Located(in_bytes, shape)


def joined(films: Iterable[Located]) -> Located:
    """Several films as one batch; at least one."""
    each = list(films)
    parts = [film.found for film in each]
    found = FoundLungs(
        torch.cat([part.films for part in parts]),
        torch.cat([part.lungs for part in parts]),
        torch.cat([part.regions for part in parts]),
        torch.cat([part.found for part in parts]),
    )
    return Located(found, torch.cat([film.proportions for film in each]))


def image_of(film: Film) -> Tensor:
    """A film's pixels as the segmenter takes them: (1, H, W), float32, in [0, 1]."""
    pixels = film.pixels
    return torch.from_numpy(np.array(pixels, dtype=np.float32, copy=not pixels.flags.writeable))[
        None
    ]


def lungs_map(located: Located) -> LungsMap:
    """Where the lungs of one film are: nowhere, if what was found is too little for lungs.

    Args:
        located: One film.
    """
    found = bool(located.found.found[0])
    probability = (located.found.lungs[0, 0] * _FULL * found).round().to(torch.uint8).numpy()
    return LungsMap(probability, as_box(located.found.regions[0]), found)


_loaded = Loaded(lambda _: Segmenter.load())


def shared_segmenter() -> Segmenter:
    """The shipped segmenter, loaded once for all sessions, and again when its files change.

    Raises:
        WeightsError: Its files are missing, damaged or not the segmenter's.
    """
    return _loaded()
