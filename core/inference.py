"""A film in, a diagnosis out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.explain import Heatmap, grad_cam
from core.film import Film
from core.labels import Label
from core.metrics import sigmoid
from core.models import ModelCard, Network, load_card, load_network
from core.models.weights import DEFAULT_MODEL, WEIGHTS_FOLDER
from core.preprocess import to_tensor

BATCH_SIZE = 16
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A model's verdict on one film, bound to the film and the weights that it came from.

    Args:
        label: The verdict at the operating point.
        probability: Of pneumonia, 0 to 1.
        threshold: The operating point.
        heatmap: Grad-CAM evidence for pneumonia.
        film_sha256: Of the file that was read.
        weights_sha256: Of the weights that read it.
    """

    label: Label
    probability: float
    threshold: float
    heatmap: Heatmap
    film_sha256: str
    weights_sha256: str


def verdict(probability: float, threshold: float) -> Label:
    """The class at an operating point: pneumonia at or over the threshold."""
    return Label.PNEUMONIA if probability >= threshold else Label.NORMAL


class Diagnostician:
    """A shipped model, ready to read films. Safe to share between threads: nothing in it changes.

    Args:
        card: The model's card.
        network: Its network, in evaluation mode and without gradients.
    """

    def __init__(self, card: ModelCard, network: Network) -> None:
        self.card = card
        self.network = network

    @classmethod
    def load(cls, name: str = DEFAULT_MODEL, folder: Path = WEIGHTS_FOLDER) -> "Diagnostician":
        """Load and verify a shipped model.

        Raises:
            WeightsError: The model is unknown, or its weights are missing or damaged.
        """
        card = load_card(name, folder)
        return cls(card, load_network(card, folder))

    def diagnose(self, film: Film) -> Diagnosis:
        """Read one film: one pass forward, and one backward through the head alone."""
        images = to_tensor(film.pixels, self.card.size_px)[None]  # (1, 1, S, S)
        logits, evidence = read_with_evidence(self.network, images)
        probability = float(sigmoid(logits[0]))
        return Diagnosis(
            label=verdict(probability, self.card.threshold),
            probability=probability,
            threshold=self.card.threshold,
            heatmap=Heatmap(evidence[0], self.card.cam_scale),
            film_sha256=film.sha256,
            weights_sha256=self.card.sha256,
        )

    def logits(self, films: Sequence[Tensor]) -> NDArray[np.float32]:
        """The logit of pneumonia of films as ``core.preprocess.to_tensor`` makes them: (N,)."""
        return predict_logits(self.network, films)


_loading = Lock()


@cache
def _loaded(name: str) -> Diagnostician:
    return Diagnostician.load(name)


def shared_diagnostician(name: str = DEFAULT_MODEL) -> Diagnostician:
    """A shipped model, loaded once for all sessions, however many ask for it at the same time.

    Raises:
        WeightsError: The model is unknown, or its weights are missing or damaged.
    """
    with _loading:
        return _loaded(name)


def in_batches(items: Iterable[Item], size: int = BATCH_SIZE) -> Iterator[list[Item]]:
    """Lists of up to ``size`` items each, in order."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def read_with_evidence(
    network: Network, images: Tensor
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logits and Grad-CAM evidence of a batch, from one pass through the network.

    Args:
        network: In evaluation mode and without gradients.
        images: (B, 1, S, S), in [0, 1].

    Returns:
        The logits of pneumonia, (B,), and the evidence, (B, h, w), at least 0 and in logits.
    """
    with torch.no_grad():
        feature_map = network.feature_map(images)  # (B, C, h, w)
        logits = network.logit(feature_map)
    return logits.numpy(), grad_cam(network, feature_map)


def predict_logits(network: Network, films: Iterable[Tensor]) -> NDArray[np.float32]:
    """The logit of pneumonia of many films.

    Args:
        network: In evaluation mode.
        films: Each (1, S, S), in [0, 1], as ``core.preprocess.to_tensor`` makes them; taken a
            batch at a time, so they may be read as they are needed.

    Returns:
        (N,), float32.
    """
    with torch.inference_mode():
        logits = [network(torch.stack(batch)).float() for batch in in_batches(films)]
    return torch.cat(logits).numpy() if logits else np.empty(0, np.float32)
