"""Shipping what was chosen.

Everything that the card says is fitted on the films held out of the runs' training.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.data.dataset import as_films, load_pixels
from core.data.folder import Record
from core.data.outlines import original_proportions
from core.evaluation.finished_runs import films_held_out, run_network, settings_of
from core.evaluation.readings import readings_of
from core.imaging.framings import WHOLE
from core.inference.evidence import read_with_evidence
from core.inference.explanation_methods import METHODS, percentile
from core.inference.heatmap import Heatmap
from core.inference.lungs import lungs_map, shared_segmenter
from core.messages.errors import FramingNotShipped, UnknownModel
from core.metrics.calibration import calibrated
from core.models import ModelCard, Network, build_network, load_card, load_networks, shipped_models
from core.models.network import COARSE_STRIDE_PX
from core.models.weights import (
    CAM,
    GRAD_CAM,
    fill,
    joined_sha256,
    save_card,
    sha256_of,
    weights_file,
)

ENSEMBLE = "ensemble"
_READS = ("framing", "pooling", "map_stride_px")
"""What a card says of how its network reads, by the names that a run's settings have too."""


@dataclass(frozen=True, slots=True)
class _Shipment:
    """What ships.

    Args:
        networks: As they will be loaded, float16's rounding too.
        file: The weights, unless they ship already.
        entries: What the card says of them.
    """

    networks: tuple[Network, ...]
    file: bytes | None
    entries: dict[str, Any]


def publish(
    runs: Sequence[str],
    name: str,
    version: str,
    data: Path,
    results: Path,
    weights: Path,
    with_series: Sequence[str] = (),
) -> ModelCard:
    """Write a model's card, and its weights unless it is an ensemble.

    Args:
        runs: The finished runs, each with the same held-out films.
        name: The model's name.
        version: The version of these weights.
        data: The data folder that the runs were trained on.
        results: Folder of results.
        weights: Folder that models ship in.
        with_series: Runs without a series of normal films, whose readings of it count where
            temperature, operating point and review band are fitted; RUN+RUN for a mean.

    Raises:
        RunMissing: There is no such run.
        FramingNotShipped: A run reads whole films.
        StressMissing: A run has not been measured under stress.
        WeightsMissing: A single run's folder holds no weights.
        UnknownModel: A run of an ensemble does not ship.
        DataError: The data folder is not the runs'.
        HeldOutDiffers: The runs held out different films.
    """
    records = films_held_out(runs, data, results)
    if len(runs) == 1:
        shipment = _network_of(runs[0], weights / f"{name}.safetensors", results)
    else:
        shipment = _ensemble_of(runs, weights)
    networks = shipment.networks
    temperature, threshold, band = calibrated(readings_of(runs, results, with_series))
    heat_method = CAM if all(network.is_lungs_pooled for network in networks) else GRAD_CAM
    card = ModelCard(
        name=name,
        version=version,
        size_px=max(network.size_px for network in networks),
        temperature=temperature,
        threshold=threshold,
        review_low=band.low,
        review_high=band.high,
        review_alpha=band.alpha,
        cam_scale=_cam_scale(networks, heat_method, data, records),
        run="+".join(runs),
        with_series=tuple(with_series),
        heat_method=heat_method,
        **shipment.entries,
    )
    save_card(card, shipment.file, weights)
    return card


def _network_of(run: str, place: Path, results: Path) -> _Shipment:
    """A run's network, whose weights will lie at a place."""
    settings = settings_of(run, results)
    if settings["framing"] in WHOLE:
        raise FramingNotShipped(run=run)
    trained = run_network(run, results)
    file = weights_file(trained, half=True)
    same = build_network(
        settings["architecture"],
        trained.size_px,
        pooling=settings["pooling"],
        fine=settings["map_stride_px"] < COARSE_STRIDE_PX,
        framing=settings["framing"],
    )
    entries = {name: settings[name] for name in ("architecture", *_READS)}
    entries["parameters"] = sum(part.numel() for part in trained.parameters())
    network = fill(same, file, place, settings["architecture"])
    return _Shipment((network,), file, {**entries, "sha256": sha256_of(file)})


def _ensemble_of(runs: Sequence[str], weights: Path) -> _Shipment:
    """The models that ship these runs, as one."""
    members = [_shipped(run, weights) for run in runs]
    entries = {name: getattr(members[0], name) for name in _READS}
    entries |= {
        "architecture": ENSEMBLE,
        "sha256": joined_sha256([member.sha256 for member in members]),
        "members": tuple(member.name for member in members),
        "parameters": sum(member.parameters for member in members),
    }
    networks = tuple(load_networks(member, weights)[0] for member in members)
    return _Shipment(networks, None, entries)


def _shipped(run: str, weights: Path) -> ModelCard:
    """The card of the single model that ships a run.

    Raises:
        UnknownModel: None does.
    """
    cards = [load_card(name, weights) for name in shipped_models(weights)]
    for card in cards:
        if card.run == run:
            return card
    raise UnknownModel(name=run, known=", ".join(card.run for card in cards) or "-")


def _cam_scale(
    networks: Sequence[Network], method: str, data: Path, records: Sequence[Record]
) -> float:
    """The 99th percentile of what is positive and counts in the films' default heatmaps.

    Args:
        networks: Behind the card.
        method: The default method.
        data: The data folder.
        records: The films.
    """
    values = []
    films = as_films(load_pixels(data, records))
    for film in shared_segmenter().each(films, original_proportions(data, records).tolist()):
        _, evidence, box = read_with_evidence(networks, film, method)
        lungs = lungs_map(film) if METHODS[method].is_over_lungs else None
        heatmap = Heatmap(evidence, 1.0, method, box, lungs)
        values.append(evidence[heatmap.counts > 0])
    return percentile(np.concatenate(values))
