"""The scale of each heatmap method: what full heat is.

Each method of explanation gives values on a scale of its own. Full heat is the 99th percentile of
a model's positive values on films held out of training, so that a calm film looks calm. That of the
default is on the model's card, from ``python -m core publish``; the other methods' are written to
``results/scales/MODEL.json``, bound to the sha256 of the weights.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from core.data.dataset import as_films, load_pixels
from core.data.folder import Record
from core.data.outlines import original_proportions
from core.evaluation.finished_runs import films_held_out
from core.inference.evidence import laid_over, seen_by
from core.inference.explanation_methods import (
    CAM_PERCENTILE,
    METHODS,
    Method,
    Unit,
    averaged,
    methods_for,
    percentile,
    silent,
)
from core.inference.explanations import read_features
from core.inference.lungs import Located, shared_segmenter
from core.models import Network, load_card, load_networks
from core.models.weights import DEFAULT_METHODS
from core.results.model_records import Scale, Scales, write_scales

_SEED = 0

Maps = dict[str, NDArray[np.float32]]
"""The maps of one network on the drawn films, (N, h, w), by the method's name."""


def measured_methods(networks: Sequence[Network]) -> list[Method]:
    """The methods for these networks but those whose scale is on the card."""
    return [method for method in methods_for(networks) if method.name not in DEFAULT_METHODS]


def network_maps(network: Network, films: Sequence[Located], costly_films: int) -> Maps:
    """The maps of every method, from one pass a film.

    Args:
        network: In evaluation mode and without gradients.
        films: One film each.
        costly_films: How many of them, from the first, are enough for a costly method.
    """
    methods = measured_methods([network])
    maps: dict[str, list[NDArray[np.float32]]] = {method.name: [] for method in methods}
    bar = tqdm(films, "Maps", unit="film", disable=not sys.stderr.isatty())
    for number, film in enumerate(bar):
        seen = seen_by(network, film)
        features = read_features(network, seen.images, seen.lungs)
        for method in methods:
            if number < costly_films or not method.masked_passes:
                maps[method.name].append(laid_over(method.maps(features, silent)))
    return {name: np.stack(each) for name, each in maps.items()}


def scales(maps: Sequence[Maps]) -> dict[str, Scale]:
    """A model's scales from its networks' maps, by the method's name."""
    found = {}
    for name in maps[0]:
        each = [own[name] for own in maps]
        in_logits = METHODS[name].unit is Unit.LOGITS
        divisors = [1.0 if in_logits else percentile(own) for own in each]
        full_heat = percentile(averaged(each, divisors))
        found[name] = Scale(full_heat, tuple(divisors), films=len(each[0]))
    return found


class Measurement:
    """Measures models one after the other; a network that several of them have is read once.

    Args:
        data: The data folder that the runs were trained on.
        results: Folder of results.
        weights: Folder that models ship in.
        films: How many held-out films.
        costly_films: How many of them for a costly method.
    """

    def __init__(
        self, data: Path, results: Path, weights: Path, films: int, costly_films: int
    ) -> None:
        self.data, self.results, self.weights = data, results, weights
        self.films, self.costly_films = films, costly_films
        self._films: dict[tuple[Record, ...], list[Located]] = {}
        self._maps: dict[tuple[str, tuple[Record, ...]], Maps] = {}

    def measure(self, name: str) -> Path:
        """Measure one model and write its scales.

        Raises:
            WeightsError: The model is unknown, or its weights are missing or damaged.
            RunMissing: The model's run is not there.
            DataError: The data folder is not the run's.
        """
        card = load_card(name, self.weights)
        records = films_held_out(card.runs, self.data, self.results)
        members = [load_card(member, self.weights) for member in card.members] or [card]
        networks = load_networks(card, self.weights)
        maps = [
            self._maps_of(member.sha256, network, records)
            for member, network in zip(members, networks, strict=True)
        ]
        return write_scales(card, Scales(CAM_PERCENTILE, scales(maps)), self.results)

    def _maps_of(self, sha256: str, network: Network, records: tuple[Record, ...]) -> Maps:
        if (sha256, records) not in self._maps:
            films = self._drawn(records)
            self._maps[sha256, records] = network_maps(network, films, self.costly_films)
        return self._maps[sha256, records]

    def _drawn(self, records: tuple[Record, ...]) -> list[Located]:
        """Some of the films, drawn at random, with their lungs."""
        if records not in self._films:
            drawn = np.random.default_rng(_SEED).permutation(len(records))[: self.films]
            chosen = [records[place] for place in drawn]
            films = as_films(load_pixels(self.data, chosen))
            proportions = original_proportions(self.data, chosen).tolist()
            self._films[records] = list(shared_segmenter().each(films, proportions))
        return self._films[records]
