"""Shipping what was chosen.

Everything that the card says is fitted on the films held out of the runs' training.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from torch import Tensor

from core.data.dataset import as_films, load_pixels
from core.evaluation.finished_runs import films_held_out, run_network
from core.evaluation.selection import pooled, stress_of
from core.imaging.framings import FILM
from core.inference.evidence import read_with_evidence
from core.inference.explanation_methods import METHODS, percentile
from core.inference.heatmap import Heatmap
from core.inference.lungs import lungs_map, shared_segmenter
from core.messages.errors import UnknownModel
from core.metrics.calibration import calibrated
from core.models import ModelCard, Network, build_network, load_card, load_networks, shipped_models
from core.models.network import COARSE_STRIDE_PX, MEAN
from core.models.weights import (
    CAM,
    GRAD_CAM,
    fill,
    joined_sha256,
    save_card,
    sha256_of,
    weights_file,
)
from core.results.runs import read_run

ENSEMBLE = "ensemble"


def publish(
    runs: Sequence[str], name: str, version: str, data: Path, results: Path, weights: Path
) -> ModelCard:
    """Write a model's card, and its weights unless it is an ensemble.

    Args:
        runs: The finished runs, each with the same held-out films.
        name: The model's name.
        version: The version of these weights.
        data: The data folder that the runs were trained on.
        results: Folder of results.
        weights: Folder that models ship in.

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
        config = read_run(results / "runs" / runs[0]).summary["config"]
        architecture = config["architecture"]
        trained = run_network(runs[0], results)
        file = weights_file(trained, half=True)
        sha256 = sha256_of(file)
        # what will be loaded, float16's rounding too
        place = weights / f"{name}.safetensors"
        reads = {
            "framing": config.get("framing", FILM),
            "pooling": config.get("pooling", MEAN),
            "map_stride_px": config.get("map_stride_px", COARSE_STRIDE_PX),
        }
        same = build_network(
            architecture,
            trained.size_px,
            pooling=reads["pooling"],
            fine=reads["map_stride_px"] < COARSE_STRIDE_PX,
            framing=reads["framing"],
        )
        networks: tuple[Network, ...] = (fill(same, file, place, architecture),)
    else:
        members = [_shipped(run, weights) for run in runs]
        architecture, file = ENSEMBLE, None
        reads = {
            name: getattr(members[0], name) for name in ("framing", "pooling", "map_stride_px")
        }
        sha256 = joined_sha256([member.sha256 for member in members])
        networks = tuple(load_networks(member, weights)[0] for member in members)
    heat_method = CAM if all(network.is_lungs_pooled for network in networks) else GRAD_CAM
    cam_scale = _cam_scale(networks, heat_method, as_films(load_pixels(data, records)))
    temperature, threshold, band = calibrated(pooled(stress_of(runs, results)))
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
        heat_method=heat_method,
        **reads,
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


def _cam_scale(networks: Sequence[Network], method: str, films: Tensor) -> float:
    """The 99th percentile of what is positive and counts in the films' default heatmaps.

    Args:
        networks: Behind the card.
        method: The default method.
        films: (N, 1, 224, 224), in [0, 1].
    """
    values = []
    for film in shared_segmenter().each(films):
        _, evidence, box = read_with_evidence(networks, film, method)
        lungs = lungs_map(film) if METHODS[method].is_over_lungs else None
        heatmap = Heatmap(evidence, 1.0, method, box, lungs)
        values.append(evidence[heatmap.counts > 0])
    return percentile(np.concatenate(values))
