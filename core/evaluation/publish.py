"""Shipping what was chosen.

Everything that the card says is fitted on the films held out of the runs' training.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.batches import in_batches
from core.data.dataset import as_films, load_pixels
from core.evaluation.finished_runs import films_held_out, run_network
from core.evaluation.readings import readings_of
from core.inference.explanation_methods import percentile
from core.inference.model import read_with_evidence
from core.messages.errors import UnknownModel
from core.metrics.calibration import calibrated
from core.models import ModelCard, Network, build_network, load_card, load_networks, shipped_models
from core.models.weights import fill, joined_sha256, save_card, sha256_of, weights_file
from core.results.runs import read_run

ENSEMBLE = "ensemble"


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
        StressMissing: A run has not been measured under stress.
        WeightsMissing: A single run's folder holds no weights.
        UnknownModel: A run of an ensemble does not ship.
        DataError: The data folder is not the runs'.
        HeldOutDiffers: The runs held out different films.
    """
    records = films_held_out(runs, data, results)
    if len(runs) == 1:
        members: list[ModelCard] = []
        architecture = read_run(results / "runs" / runs[0]).summary["config"]["architecture"]
        trained = run_network(runs[0], results)
        file = weights_file(trained, half=True)
        sha256 = sha256_of(file)
        # what will be loaded, float16's rounding too
        place = weights / f"{name}.safetensors"
        same = build_network(architecture, trained.size_px)
        networks: tuple[Network, ...] = (fill(same, file, place, architecture),)
    else:
        members = [_shipped(run, weights) for run in runs]
        architecture, file = ENSEMBLE, None
        sha256 = joined_sha256([member.sha256 for member in members])
        networks = tuple(load_networks(member, weights)[0] for member in members)
    cam_scale = _cam_scale(networks, load_pixels(data, records))
    temperature, threshold, band = calibrated(readings_of(runs, results, with_series))
    card = ModelCard(
        name=name,
        version=version,
        architecture=architecture,
        size_px=max(network.size_px for network in networks),
        sha256=sha256,
        temperature=temperature,
        threshold=threshold,
        review_low=band.low,
        review_high=band.high,
        review_alpha=band.alpha,
        cam_scale=cam_scale,
        run="+".join(runs),
        parameters=sum(part.numel() for network in networks for part in network.parameters()),
        members=tuple(member.name for member in members),
        with_series=tuple(with_series),
    )
    save_card(card, file, weights)
    return card


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


def _cam_scale(networks: Sequence[Network], pixels: NDArray[np.uint8]) -> float:
    """The 99th percentile of the films' positive Grad-CAM values, in logits."""
    films = in_batches(as_films(pixels))
    maps = [read_with_evidence(networks, torch.stack(batch))[1] for batch in films]
    return percentile(np.concatenate(maps))
