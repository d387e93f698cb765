"""Train the input gate, choose its thresholds and ship it.

One film in eight of the training films, by patient, takes no part in training: on those the
thresholds are chosen. The films that the classifiers hold out (``VALIDATION``) are not touched.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader

from core.data.batches import in_batches
from core.data.dataset import as_films, load_pixels
from core.data.folder import DEFAULT_SPLIT, Record, hold_out, manifest_sha256, training_pool
from core.data.non_films import scan_non_films
from core.imaging.preprocess import network_input
from core.models.gate import INPUT_PX, TURNS, GateNetwork
from core.models.gate_card import GateCard, Thresholds, save_gate
from core.models.weights import sha256_of, weights_file
from core.training.gate.module import train_guard
from core.training.gate.policies import EXPORTS, LIGHT, NONE, STRONG
from core.training.gate.views import Pixels, Views, load_kinds

"""The split that holds out the validation films, and again among the rest for calibration."""
CALIBRATION_POLICIES = (NONE, LIGHT, STRONG)
HARSH_POLICY = EXPORTS
DOUBTED_SHARE = 0.002
"""Share of the calibration views that each measure may call doubtful."""

LEAST_CONFIDENCE = 0.95
BATCH = 64
FITTED_VIEWS = 400
"""At least so many views of training films are the measure of distance."""


def _embedded(network: GateNetwork, views: Views, workers: int) -> tuple[list[Tensor], Tensor]:
    """Pooled features of views at both depths, (N, C) each, and their targets, (N, 3)."""
    read = [
        (*network.embed(images), targets)
        for images, targets in DataLoader(views, BATCH, num_workers=workers)
    ]
    *features, targets = (torch.cat(parts) for parts in zip(*read, strict=True))
    return features, targets


def calibrate(
    network: GateNetwork, plain: Views, harsh: Views, non_films: Sequence[Pixels], workers: int
) -> Thresholds:
    """Choose the thresholds on films that took no part in training.

    A measure calls unfamiliar what is less like a film than all but ``DOUBTED_SHARE`` of the plain
    views. The head refuses what is less like one than every view, the harshly augmented ones
    included, and doubts what is no more like one than all but that share of the non-films. A film
    is set right at a confidence that the same share of the plain views reaches when wrong.

    Args:
        network: Trained, and fitted to its training films.
        plain: Views of calibration films as other exports may show them.
        harsh: Views that are augmented beyond that.
        non_films: The pictures that it was trained against, as ``load_kinds`` gives them.
        workers: Processes that read and augment.
    """
    features, targets = _embedded(network, plain, workers)
    usual = network.read(features)
    odd = network.read(_embedded(network, harsh, workers)[0])
    distances = torch.cat([usual.distance, odd.distance])
    turns = torch.softmax(usual.turn, 1)
    wrong_turn = turns.scatter(1, targets[:, 1:2].long(), 0).amax(1)
    wrong_side = torch.sigmoid(torch.where(targets[:, 2] > 0, -usual.inverted, usual.inverted))
    unfamiliar = _rounded(usual.film.quantile(DOUBTED_SHARE))
    refused = _rounded(torch.cat([usual.film, odd.film]).min())
    doubted = _rounded(_film_logits(network, non_films).quantile(1 - DOUBTED_SHARE))
    return Thresholds(
        film_unfamiliar=unfamiliar,
        film_doubted=min(max(doubted, refused), unfamiliar),
        film_refused=refused,
        distance_unfamiliar=_pair(usual.distance.quantile(1 - DOUBTED_SHARE, 0)),
        distance_doubted=_pair(distances.amax(0)),
        turn_confidence=_confidence(wrong_turn),
        inverted_confidence=_confidence(wrong_side),
    )


def _film_logits(network: GateNetwork, kinds: Sequence[Pixels]) -> Tensor:
    """The film logit of each of the pictures of all kinds: (N,)."""
    logits = []
    with torch.inference_mode():
        for pictures in kinds:
            for batch in in_batches(pictures, BATCH):
                squashed = as_films(np.stack(batch))
                inputs = torch.stack([network_input(picture, INPUT_PX) for picture in squashed])
                logits.append(network(inputs).film)
    return torch.cat(logits)


def _confidence(wrong: Tensor) -> float:
    """The confidence, at least ``LEAST_CONFIDENCE``, that few wrong answers reach."""
    return max(LEAST_CONFIDENCE, _rounded(wrong.quantile(1 - DOUBTED_SHARE)))


def _rounded(value: Tensor) -> float:
    return float(f"{value.item():.5g}")


def _pair(values: Tensor) -> tuple[float, float]:
    first, second = values
    return _rounded(first), _rounded(second)


def split_films(data: Path) -> tuple[list[Record], Pixels, Pixels]:
    """The training films: their records, those to train on, and those to calibrate on.

    Raises:
        DataError: The data folder cannot be used.
    """
    pool = hold_out(training_pool(data), *DEFAULT_SPLIT)
    rest = [record for record in pool if record.split == "train"]
    records = list(hold_out(rest, *DEFAULT_SPLIT))
    pixels = load_pixels(data, records)
    taught = np.array([record.split == "train" for record in records])
    return records, pixels[taught], pixels[~taught]


def make(data: Path, non_films: Path, settings: argparse.Namespace) -> GateCard:
    """Train, fit, calibrate and ship a gate.

    Args:
        data: The data folder.
        non_films: Folder of non-films to train against: KIND/SOURCE/files.
        settings: ``version``, ``steps``, ``learning_rate``, ``workers``, ``seed``, ``weights``.

    Raises:
        DataError: The data folder or the non-films cannot be used.
        WeightsError: The package with the ImageNet weights is not there or not the known one.
    """
    records, films, kept = split_films(data)
    sources = scan_non_films(non_films)
    seed, workers = settings.seed, settings.workers
    kinds = load_kinds(sources)
    views = Views(films, kinds, BATCH * settings.steps, seed)
    network = train_guard(views, BATCH, settings.learning_rate, workers, seed)
    fitted = Views(films, [], max(len(films), FITTED_VIEWS), seed + 1, film_share=1)
    features, targets = _embedded(network, fitted, workers)
    network.fit(features, (targets[:, 1] + TURNS * targets[:, 2]).long())
    plain = Views(kept, [], 3 * len(kept), seed + 2, CALIBRATION_POLICIES, film_share=1)
    harsh = Views(kept, [], len(kept), seed + 3, (HARSH_POLICY,), film_share=1)
    weights = weights_file(network, half=False)
    card = GateCard(
        version=settings.version,
        sha256=sha256_of(weights),
        parameters=sum(part.numel() for part in network.parameters()),
        thresholds=calibrate(network, plain, harsh, kinds, workers),
        manifest_sha256=manifest_sha256(records),
        films=len(films),
        calibration_films=len(kept),
        non_films={f"{source.kind}: {source.name}": len(source.files) for source in sources},
    )
    save_gate(card, weights, settings.weights)
    return card
