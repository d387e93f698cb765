"""Masking: does the heatmap show what the verdict rests on?

The hottest fifth of each held-out true positive's heatmap is covered, and so are random fifths of
the same shape. Where the heatmap is faithful, covering its hot places lowers the logit of pneumonia
more than covering random ones. The lungs stay those of the film before anything is covered: the
question is what the covered places say, and not whether lungs are still found.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from core.data.dataset import as_films, load_pixels
from core.data.folder import Record
from core.data.labels import Label
from core.data.outlines import original_proportions
from core.evaluation.finished_runs import films_held_out
from core.inference.explanation_methods import METHODS, Method
from core.inference.model import Diagnostician
from core.inference.second_look import HOT_SHARE, RANDOM_MASKS, masked
from core.metrics.logits import sigmoid
from core.results.model_records import Masking, Scale, masking_of, scales_of, write_masking

FILMS = 200
_SEED = 0


def falls(
    model: Diagnostician,
    films: Tensor,
    method: Method,
    divisors: Sequence[float],
    proportions: Iterable[float] = (),
) -> NDArray[np.bool_]:
    """Whether covering the hot cells lowers the logit more than covering random cells, on average.

    Args:
        model: The model.
        films: (N, 1, 224, 224), in [0, 1], as ``core.imaging.preprocess.squash`` makes them.
        method: Which heatmap.
        divisors: One a network, as in ``core.inference.explanation_methods.Scale``.
        proportions: Width over height of each film before it was squashed, where they are known.

    Returns:
        (N,).
    """
    random = np.random.default_rng(_SEED)
    lower = []
    scale = Scale(1.0, tuple(divisors), len(films))
    bar = tqdm(films, method.title, disable=not sys.stderr.isatty())
    for located in model.segmenter.each(bar, proportions):
        heatmap = model.explain(located, method, scale)
        lower.append(masked(model, located, heatmap, random).fell)
    return np.array(lower)


def true_positives(
    model: Diagnostician,
    films: Tensor,
    records: Sequence[Record],
    proportions: Iterable[float] = (),
) -> NDArray[np.intp]:
    """The pneumonias that the model calls pneumonia at its operating point, as indices."""
    called = sigmoid(model.logits(films, proportions)) >= model.card.threshold
    ill = np.array([record.label == Label.PNEUMONIA for record in records])
    return np.flatnonzero(called & ill)


def measure(model: Diagnostician, methods: Sequence[str], data: Path, results: Path) -> Masking:
    """Measure methods of a model and write its masking.json.

    A method whose scale has not been measured for these weights is passed over.

    Raises:
        RunMissing: The model's run is not there.
        DataError: The data folder is not the run's.
    """
    card = model.card
    divisors = {model.method.name: model.scale.divisors}
    scales = scales_of(card.name, card.sha256, results)
    divisors |= {name: scale.divisors for name, scale in scales.items()}
    records = films_held_out(card.runs, data, results)
    films = as_films(load_pixels(data, records))
    proportions = original_proportions(data, records)
    found = true_positives(model, films, records, proportions.tolist())
    drawn = np.random.default_rng(_SEED).permutation(found)[:FILMS]
    before = masking_of(card.name, card.sha256, results)
    lowered: dict[str, float] = dict(before.lowered) if before else {}
    for name in methods:
        if name in divisors:
            own = proportions[drawn].tolist()
            fell = falls(model, films[drawn], METHODS[name], divisors[name], own)
            lowered[name] = round(float(fell.mean()), 6)
    measured = Masking(len(drawn), HOT_SHARE, RANDOM_MASKS, lowered)
    write_masking(card, measured, results)
    return measured
