"""Further evidence on one film: masked in part, read by every model, and under small changes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.labels import Verdict
from core.imaging import Film, Notice
from core.imaging.jpeg_round_trip import jpeg_round_trip
from core.imaging.placing import WHOLE, Box, as_box, placed, relative
from core.imaging.preprocess import FILM_SIZE_PX
from core.imaging.transforms import InterpolationMode, transform
from core.inference.diagnosis import verdict_of
from core.inference.explanation_methods import Method
from core.inference.heatmap import Heatmap
from core.inference.lungs import Located, lungs_map
from core.inference.lungs_checks import no_verdict_without
from core.inference.model import Diagnostician
from core.inference.population import whose, why_no_verdict
from core.metrics.logits import sigmoid
from core.models import ModelCard

HOT_SHARE = 0.2
RANDOM_MASKS = 10
LEAST_LUNG = 0.8
"""How much lung a random mask covers at least, as a share of what the hot one covers."""

SHIFT_PX = 7
TURN_DEGREES = 3.0
_EDGE_PX = 20


@dataclass(frozen=True, slots=True)
class Vote:
    """What one model says of a film.

    Args:
        card: The model's.
        probability: Of pneumonia, 0 to 1, calibrated for that model.
        verdict: At its operating point and with its review band.
    """

    card: ModelCard
    probability: float
    verdict: Verdict


def votes(film: Film, models: Iterable[Diagnostician]) -> tuple[Vote, ...]:
    """What each model says of a film, in their order."""
    located: Located | None = None
    reasons: tuple[Notice, ...] = ()
    found = []
    for model in models:
        if located is None:
            located = model.locate(film)
            reasons = why_no_verdict(whose(film, located), lungs_map(located))
        probability = float(sigmoid(model.logits_of([located])[0]))
        found.append(Vote(model.card, probability, verdict_of(probability, model.card, reasons)))
    return tuple(found)


def hot_cells(evidence: NDArray[np.float32], share: float = HOT_SHARE) -> NDArray[np.bool_]:
    """The hottest cells of a heatmap.

    Args:
        evidence: (h, w), of each cell as much as counts.
        share: Of all cells, rounded to at least one.

    Returns:
        (h, w), true where it is hot.
    """
    cells = max(1, round(share * evidence.size))
    hot = np.zeros(evidence.size, dtype=bool)
    hot[np.argsort(-evidence.ravel(), kind="stable")[:cells]] = True
    return hot.reshape(evidence.shape)


def covered(film: Tensor, cells: NDArray[np.bool_], box: Box = WHOLE) -> Tensor:
    """A film whose cells are filled with the mean grey of the rest.

    Args:
        film: (1, H, W), in [0, 1].
        cells: (h, w), true where the film is to be covered.
        box: The part of the film that the cells are of.

    Returns:
        (1, H, W).
    """
    mask = placed(cells.astype(np.float32), box, film.shape[-2], film.shape[-1], "nearest")
    large = torch.from_numpy(mask > 0)[None]
    return torch.where(large, film[~large].mean(), film)


@dataclass(frozen=True, slots=True)
class Masked:
    """What covering parts of a film does to its score, in calibrated logits.

    Args:
        whole: With nothing covered.
        hot: With the hottest cells covered.
        elsewhere: (``RANDOM_MASKS``,), with as many random cells covered.
    """

    whole: float
    hot: float
    elsewhere: NDArray[np.float32]

    @property
    def fell(self) -> bool:
        """Whether covering the hot cells lowers the score more than the others do on average."""
        return bool(self.hot < self.elsewhere.mean())


def masked(
    model: Diagnostician, located: Located, heatmap: Heatmap, random: np.random.Generator
) -> Masked:
    """Cover the hottest cells of one film's heatmap, and as many random ones.

    The lungs stay those of the film as it is, so that what is measured is what the covered places
    say, and not whether lungs are still found. A random mask has the shape of the hot one and
    covers about as much lung, so that the heat has to find the right place within the lungs.

    Args:
        model: The model.
        located: One film.
        heatmap: Of that film.
        random: Draws the random masks.
    """
    counts = heatmap.counts
    hot = hot_cells(heatmap.evidence * counts)
    masks = [hot, *elsewhere(hot, counts, random)]
    film = located.found.films[0]
    box = relative(heatmap.box, as_box(located.found.regions[0]))
    seen = torch.stack([film, *(covered(film, mask, box) for mask in masks)])
    logits = model.logits_of(located.with_films(seen).each())
    return Masked(float(logits[0]), float(logits[1]), logits[2:])


def mask_film(model: Diagnostician, film: Film, heatmap: Heatmap) -> Masked:
    """The same of a film as it was read."""
    return masked(model, model.locate(film), heatmap, np.random.default_rng(0))


def elsewhere(
    cells: NDArray[np.bool_], counts: NDArray[np.float32], random: np.random.Generator
) -> list[NDArray[np.bool_]]:
    """Random masks of the same shape: the cells, rolled over the grid and mirrored.

    Args:
        cells: (h, w), true is covered.
        counts: (h, w), in [0, 1], how much of each cell is lung.
        random: Draws them.

    Returns:
        ``RANDOM_MASKS`` of those that cover at least ``LEAST_LUNG`` times as much lung as the
        cells; where there are fewer, those that cover most. None is the cells themselves, unless
        there is no other place.
    """
    turned = [cells[::down, ::right] for down in (1, -1) for right in (1, -1)]
    rolls = list(np.ndindex(cells.shape))
    places = np.unique([np.roll(each, roll, (0, 1)) for each in turned for roll in rolls], axis=0)
    if len(places) > 1:
        places = places[(places != cells).any(axis=(1, 2))]
    lung = (places * counts).sum(axis=(1, 2))
    order = random.permutation(len(places))
    enough = lung[order] >= LEAST_LUNG * (cells * counts).sum()
    ranked = order[np.lexsort((np.where(enough, 0, -lung[order]), ~enough))]
    return list(places[ranked[np.arange(RANDOM_MASKS) % len(ranked)]])


def _moved(image: Tensor, right_px: int = 0, down_px: int = 0, degrees: float = 0.0) -> Tensor:
    """Shifted and turned; what comes in at an edge repeats the edge."""
    wide = transform.pad(image, [_EDGE_PX] * 4, padding_mode="edge")
    moved = transform.affine(
        wide,
        angle=degrees,
        translate=[right_px, down_px],
        scale=1.0,
        shear=[0.0, 0.0],
        interpolation=InterpolationMode.BILINEAR,
    )
    cut: Tensor = transform.center_crop(moved, [FILM_SIZE_PX, FILM_SIZE_PX])
    return cut


def _closer(image: Tensor) -> Tensor:
    side = round(0.95 * FILM_SIZE_PX)
    cut = transform.center_crop(image, [side, side])
    sized: Tensor = transform.resize(cut, [FILM_SIZE_PX, FILM_SIZE_PX], antialias=True)
    return sized.clamp(0, 1)


def _exposed(image: Tensor, gamma: float) -> Tensor:
    return image.clamp(0, 1) ** gamma


def _softer(image: Tensor) -> Tensor:
    soft: Tensor = transform.gaussian_blur(image, [5, 5], [0.8, 0.8])
    return soft


SMALL_CHANGES: dict[str, Callable[[Tensor], Tensor]] = {
    "left": partial(_moved, right_px=-SHIFT_PX),
    "right": partial(_moved, right_px=SHIFT_PX),
    "up": partial(_moved, down_px=-SHIFT_PX),
    "down": partial(_moved, down_px=SHIFT_PX),
    "clockwise": partial(_moved, degrees=TURN_DEGREES),
    "counterclockwise": partial(_moved, degrees=-TURN_DEGREES),
    "closer": _closer,
    "darker": partial(_exposed, gamma=1.2),
    "brighter": partial(_exposed, gamma=1 / 1.2),
    "softer": _softer,
    "jpeg_80": partial(jpeg_round_trip, quality=80),
    "jpeg_50": partial(jpeg_round_trip, quality=50),
}
"""Changes that another exposure or export might make, and that change no diagnosis.

Each maps (1, 224, 224), in [0, 1], to the same.
"""


@dataclass(frozen=True, slots=True)
class Steadiness:
    """One model's probabilities of a film under small changes.

    Args:
        plain: Of the film as it is, 0 to 1.
        changed: Under each change, by its name in ``SMALL_CHANGES``.
        flips: The changes under which the verdict is another.
    """

    plain: float
    changed: dict[str, float]
    flips: tuple[str, ...]


def steadiness(film: Film, model: Diagnostician) -> Steadiness:
    """How far small changes move a film's probability; the lungs are found anew under each.

    What is changed is what is read of the film: all of it, or the part that its lungs are in.
    """
    located = model.locate(film)
    region, proportions = located.found.films[0], float(located.proportions[0])
    images = [change(region) for change in SMALL_CHANGES.values()]
    seen = [located, *model.segmenter.each(images, [proportions] * len(images))]
    plain, *others = sigmoid(model.logits_of(seen)).tolist()
    verdict, *verdicts = (
        verdict_of(probability, model.card, no_verdict_without(lungs_map(each)))
        for probability, each in zip((plain, *others), seen, strict=True)
    )
    flips = [name for name, told in zip(SMALL_CHANGES, verdicts, strict=True) if told != verdict]
    return Steadiness(plain, dict(zip(SMALL_CHANGES, others, strict=True)), tuple(flips))


def seconds_of(film: Film, model: Diagnostician, method: Method) -> float:
    """About how long a method will take, by the time that the model needs for the film now."""
    located = model.locate(film)
    start = perf_counter()
    model.logits_of([located])
    return (perf_counter() - start) * (1 + method.masked_passes)
