"""One film, read by networks: the logit and, from the same pass, the map of its evidence.

A film is read as it is and mirrored. Left and right weigh alike in training, so the mean over both
says the same with less noise.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.imaging.placing import Box, as_box
from core.inference.explanation_methods import Method, Progress, averaged, silent
from core.inference.explanations import Floats, cam, grad_cam, on_one_grid, read_features
from core.inference.lungs import Located
from core.inference.read import inputs
from core.models import Network
from core.models.weights import CAM


@dataclass(frozen=True, slots=True)
class Seen:
    """A film as a network reads it: as it is, then mirrored.

    Args:
        images: (2, 1, S, S), in [0, 1].
        lungs: (2, 1, S, S), the probability of lung in them.
        box: The part of the film that they show.
    """

    images: Tensor
    lungs: Tensor
    box: Box


def seen_by(network: Network, located: Located) -> Seen:
    """One film as a network reads it.

    Args:
        network: Any.
        located: One film.
    """
    framed = located.framed(network.framing)
    images, lungs = inputs(framed, network.size_px)
    return Seen(
        torch.cat((images, images.flip(-1))),
        torch.cat((lungs, lungs.flip(-1))),
        as_box(located.on_film(framed)[0]),
    )


def read_logits(networks: Sequence[Network], films: Iterable[Located]) -> NDArray[np.float32]:
    """The logit of pneumonia of many films, the mean over networks and mirror images.

    It is not calibrated. Each film is read by itself, so its logit is the same to the last digit
    whatever is read with it.

    Args:
        networks: In evaluation mode.
        films: One film each; taken one by one, so they may be made as they are needed.

    Returns:
        (N,), float32.
    """
    logits = [torch.empty(0)]
    with torch.inference_mode():
        for film in films:
            each = [_ways(network, seen_by(network, film))[1].mean(1) for network in networks]
            logits.append(torch.stack(each).mean(0))
    return torch.cat(logits).numpy()


def _ways(network: Network, seen: Seen) -> tuple[Tensor, Tensor]:
    """The feature maps (2, C, h, w) and the logits (1, 2) of a film and its mirror image."""
    maps, logits = [], []
    for image, lungs in zip(seen.images, seen.lungs, strict=True):
        given = image[None].contiguous(memory_format=torch.channels_last)
        maps.append(network.feature_map(given))
        logits.append(network.logit(maps[-1], lungs[None]).float())
    return torch.cat(maps), torch.stack(logits, dim=1)


def read_with_evidence(
    networks: Sequence[Network], located: Located, method: str
) -> tuple[float, Floats, Box]:
    """The mean logit of one film and the mean map of its evidence, from one pass each way.

    Args:
        networks: In evaluation mode and without gradients.
        located: One film.
        method: One of ``core.models.weights.DEFAULT_METHODS``.

    Returns:
        The logit of pneumonia, not calibrated; the evidence (h, w), at least 0, on the grid of the
        network that has the finest; and what of the film the map covers.
    """
    logits, maps, boxes = [], [], []
    for network in networks:
        seen = seen_by(network, located)
        with torch.no_grad():
            feature_maps, ways = _ways(network, seen)
            logits.append(ways.mean(1))
        maps.append(laid_over((cam if method == CAM else grad_cam)(network, feature_maps)))
        boxes.append(seen.box)
    logit = float(torch.stack(logits).mean(0))
    evidence, box = _mean(maps, boxes, (1.0,) * len(maps))
    return logit, evidence, box


def evidence_by(
    networks: Sequence[Network],
    located: Located,
    method: Method,
    divisors: Sequence[float],
    progress: Progress = silent,
) -> tuple[Floats, Box]:
    """The map of one film by a method, before it has a scale.

    Args:
        networks: In evaluation mode and without gradients.
        located: One film.
        method: How, one of ``core.inference.explanation_methods.methods_for`` these networks.
        divisors: One a network, as in ``core.results.model_records.Scale``.
        progress: Is told how far it is, 0 to 1.

    Returns:
        (h, w), at least 0, on the grid of the network that has the finest, and what of the film
        the map covers.
    """
    maps, boxes = [], []
    for done, network in enumerate(networks):
        seen = seen_by(network, located)
        maps.append(network_map(network, seen, method, partial(_tell, progress, done, networks)))
        boxes.append(seen.box)
    return _mean(maps, boxes, divisors)


def network_map(
    network: Network, seen: Seen, method: Method, progress: Progress = silent
) -> Floats:
    """One network's map of a film by a method, (h, w), also under 0 where the method says so."""
    features = read_features(network, seen.images, seen.lungs)
    return laid_over(method.maps(features, progress))


def laid_over(maps: Floats) -> Floats:
    """The mean of a film's map and that of its mirror image, turned back: (2, h, w) to (h, w)."""
    plain, mirrored = maps
    mean: Floats = (plain + mirrored[:, ::-1]) * np.float32(0.5)
    return mean


def _mean(
    maps: Sequence[Floats], boxes: Sequence[Box], divisors: Sequence[float]
) -> tuple[Floats, Box]:
    placed, box = on_one_grid(maps, boxes)
    mean = averaged([evidence[None] for evidence in placed], divisors)[0]
    return np.maximum(mean, 0), box


def _tell(progress: Progress, done: int, parts: Sequence[object], share: float) -> None:
    """Tell how far the whole is while one of its parts is at a share."""
    progress((done + share) / len(parts))
