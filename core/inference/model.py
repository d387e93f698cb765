"""A shipped model at work: films in, logits, heatmaps and diagnoses out."""

from collections.abc import Iterable, Sequence
from functools import cache, partial
from pathlib import Path
from threading import Lock

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.batches import in_batches
from core.imaging import Film
from core.imaging.preprocess import network_input, squash
from core.inference.diagnosis import Diagnosis, label_at, verdict_of
from core.inference.explanation_methods import Method, Progress, averaged, silent
from core.inference.explanations import Heatmap, grad_cam, mean_evidence, read_features
from core.metrics.classification import sigmoid
from core.models import ModelCard, Network, load_card, load_networks
from core.models.weights import DEFAULT_MODEL, WEIGHTS_FOLDER
from core.results.model_records import Scale


class Diagnostician:
    """A shipped model, ready to read films. Safe to share between threads: nothing in it changes.

    Args:
        card: The model's card.
        networks: Its network, or those of its members, in evaluation mode and without gradients.
    """

    def __init__(self, card: ModelCard, networks: Sequence[Network]) -> None:
        self.card = card
        self.networks = tuple(networks)

    @classmethod
    def load(cls, name: str = DEFAULT_MODEL, folder: Path = WEIGHTS_FOLDER) -> "Diagnostician":
        """Load and verify a shipped model.

        Raises:
            WeightsError: The model is unknown, or its weights are missing or damaged.
        """
        card = load_card(name, folder)
        return cls(card, load_networks(card, folder))

    def diagnose(self, film: Film) -> Diagnosis:
        """Read one film: one pass forward, and one backward through the heads alone."""
        logits, evidence = read_with_evidence(self.networks, squash(film.pixels)[None])
        probability = float(sigmoid(logits[0] / self.card.temperature))
        return Diagnosis(
            verdict=verdict_of(probability, self.card),
            label=label_at(probability, self.card.threshold),
            probability=probability,
            threshold=self.card.threshold,
            review=(self.card.review_low, self.card.review_high),
            heatmap=Heatmap(evidence[0], self.card.cam_scale),
            film_sha256=film.sha256,
            weights_sha256=self.card.sha256,
            temperature=self.card.temperature,
            orientation=film.facts.orientation,
            film=film,
        )

    def heatmap(
        self, film: Film, method: Method, scale: Scale, progress: Progress = silent
    ) -> Heatmap:
        """Explain the score of one film by a method of the reader's choice.

        Args:
            film: The film.
            method: How.
            scale: Of this model and that method.
            progress: Is told how far it is, 0 to 1.
        """
        evidence = self.evidence(squash(film.pixels), method, scale.divisors, progress)
        return Heatmap(evidence, scale.full_heat, method.name)

    def evidence(
        self, film: Tensor, method: Method, divisors: Sequence[float], progress: Progress = silent
    ) -> NDArray[np.float32]:
        """The map of one film by a method, before it has a scale.

        Args:
            film: (1, 224, 224), in [0, 1], as ``core.imaging.preprocess.squash`` makes it.
            method: How.
            divisors: One a network, as in ``Scale``.
            progress: Is told how far it is, 0 to 1.

        Returns:
            (h, w), at least 0, on the grid of the network that has the finest.
        """
        maps = []
        for done, network in enumerate(self.networks):
            features = read_features(network, both_ways(film[None], network))
            watch = partial(_tell, progress, done, len(self.networks))
            maps.append(laid_over(method.maps(features, watch)))
        evidence: NDArray[np.float32] = averaged(maps, divisors)[0]
        return evidence

    def logits(self, films: Iterable[Tensor]) -> NDArray[np.float32]:
        """The calibrated logit of pneumonia of many films.

        Args:
            films: Each (1, 224, 224), in [0, 1], as ``core.imaging.preprocess.squash`` makes them;
                taken a batch at a time, so they may be read as they are needed.

        Returns:
            (N,), float32.
        """
        return predict_logits(self.networks, films) / np.float32(self.card.temperature)


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


def read_with_evidence(
    networks: Sequence[Network], films: Tensor
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean logits and mean Grad-CAM evidence of a batch and its mirror image, from one pass each.

    Args:
        networks: In evaluation mode and without gradients.
        films: (B, 1, 224, 224), in [0, 1], as ``core.imaging.preprocess.squash`` makes them.

    Returns:
        The logits of pneumonia, (B,), and the evidence, (B, h, w), at least 0 and in logits, on
        the grid of the network that has the finest.
    """
    logits, maps = [], []
    for network in networks:
        with torch.no_grad():
            feature_map = network.feature_map(both_ways(films, network))  # (2 B, C, h, w)
            logits.append(network.logit(feature_map).view(2, -1).mean(0).numpy())
        maps.append(laid_over(grad_cam(network, feature_map)))
    return np.mean(logits, axis=0), mean_evidence(maps)


def _tell(progress: Progress, done: int, parts: int, share: float) -> None:
    """Tell how far the whole is while one of its parts is at a share."""
    progress((done + share) / parts)


def both_ways(films: Iterable[Tensor], network: Network) -> Tensor:
    """Squashed films as a network reads them, then the same mirrored: (2 B, 1, S, S).

    Left and right weigh alike in training, so the mean over both says the same with less noise.
    """
    images = torch.stack([network_input(film, network.size_px) for film in films])
    return torch.cat((images, images.flip(-1)))


def laid_over(maps: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of films' maps (2 B, h, w) and those of their mirror images, turned back."""
    plain, mirrored = np.split(maps, 2)
    mean: NDArray[np.float32] = (plain + mirrored[..., ::-1]) * np.float32(0.5)
    return mean


def predict_logits(
    networks: Sequence[Network], films: Iterable[Tensor], fast: bool = False
) -> NDArray[np.float32]:
    """The logit of pneumonia of many films, the mean over networks and mirror images.

    It is not calibrated.

    Args:
        networks: In evaluation mode.
        films: Each (1, 224, 224), in [0, 1], as ``core.imaging.preprocess.squash`` makes them.
        fast: Compute in bfloat16, whose logits differ in the third digit.

    Returns:
        (N,), float32.
    """
    logits = []
    with torch.inference_mode():
        for batch in in_batches(films):
            inputs = [both_ways(batch, network) for network in networks]
            with torch.autocast("cpu", torch.bfloat16, enabled=fast):
                each = [
                    network(images).float().view(2, -1).mean(0)
                    for network, images in zip(networks, inputs, strict=True)
                ]
            logits.append(torch.stack(each).mean(0))
    return torch.cat(logits).numpy() if logits else np.empty(0, np.float32)
