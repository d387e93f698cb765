"""The ways to explain a score, as data: one record a method.

Behind a network that is pooled over the lungs the class activation map is the default. Grad-CAM and
Grad-CAM++ weigh whole channels and so forget the lungs, HiResCAM says the same again, and EigenCAM
knows no diagnosis: none of them is offered there.

Each reads the feature maps of one pass through a network and gives a map at the map's own
resolution, on a scale that no film changes. What is full heat on that scale is measured on films
held out of training, a model and a method at a time: ``python -m core scales``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from torch import Tensor, nn

from core.inference.explanations import (
    Features,
    Floats,
    cam,
    cam_behind,
    grad_cam,
    mean_evidence,
    run_cam,
)
from core.models import Network
from core.models.network import LUNGS, MEAN, POOLINGS
from core.models.weights import CAM, GRAD_CAM

CAM_PERCENTILE = 99
SCORE_CHANNELS = 32

Progress = Callable[[float], None]


class Unit(StrEnum):
    """What a map's values are."""

    LUNGS = "lungs"
    """What the logit would gain if all of the lungs looked like a place; averaged as they are."""

    LOGITS = "logits"
    """What a place adds to the logit; networks of an ensemble are averaged as they are."""

    FEATURES = "features"
    """Values of the feature map, which another network's do not compare with."""


@dataclass(frozen=True, slots=True)
class Method:
    """One way to explain a score.

    Args:
        name: Its name in addresses, files and the catalogue.
        title: The name that people read.
        paper: Where it was published.
        unit: What its values are.
        needs_gradient: Whether it asks how the logit changes with the map.
        masked_passes: How many further passes through each network it takes; 0 is at once.
        maps: The maps of a batch, (B, h, w), float32; tells how far it is, 0 to 1. What is under 0
            is left out when all maps of a film have been averaged.
        poolings: The networks that it is for, some of ``core.models.network.POOLINGS``.
    """

    name: str
    title: str
    paper: str
    unit: Unit
    needs_gradient: bool
    masked_passes: int
    maps: Callable[[Features, Progress], Floats]
    poolings: tuple[str, ...] = (MEAN,)

    @property
    def is_over_lungs(self) -> bool:
        """Whether the lungs alone count in its maps."""
        return self.unit is Unit.LUNGS


class _Varying(nn.Module):
    """A network before which images are masked, with its most varying channels to be hooked.

    Masking by all of its thousand channels would take minutes a film; the channels that vary most
    over the film are those whose masks differ from the film itself.
    """

    def __init__(self, network: Network, head: nn.Module, progress: Progress) -> None:
        super().__init__()
        self.network = network
        self.head = head
        self.entrance = nn.Identity()
        self.progress = progress
        self.seen = 0

    def forward(self, images: Tensor) -> Tensor:
        """(B, 1, S, S), in [0, 1], to (B, 1)."""
        with torch.no_grad():
            feature_map = self.network.feature_map(images)  # (B, C, h, w)
            spread = feature_map.flatten(2).var(2).sum(0)
            most = spread.topk(min(SCORE_CHANNELS, len(spread))).indices.sort().values
            self.entrance(feature_map[:, most])
            self.seen += len(images)
            self.progress(min(self.seen / (1 + len(most)), 1.0))
            logits: Tensor = self.head(feature_map)
            return logits


def _score_cam(features: Features, progress: Progress) -> Floats:
    """Film after film, for each has its own channels."""
    maps = []
    for film, image in enumerate(features.images):

        def share(done: float, film: int = film) -> None:
            progress((film + done) / len(features.images))

        varying = _Varying(features.network, features.head(film), share)
        maps.append(run_cam("ScoreCAM", varying, image[None]))
    return np.concatenate(maps)


def _behind_last(library: str, features: Features) -> Floats:
    return cam_behind(library, [features.head()], features.last)


def _cam(features: Features, _: Progress) -> Floats:
    return cam(features.network, features.last)


def _grad_cam(features: Features, _: Progress) -> Floats:
    return grad_cam(features.network, features.last)


def _grad_cam_plus_plus(features: Features, _: Progress) -> Floats:
    """In units that keep the gradients of a pooled map well over the library's 1e-6."""
    places = features.last.shape[-1] * features.last.shape[-2]
    return cam_behind("GradCAMPlusPlus", [features.head()], features.last, unit=places)


def _hires_cam(features: Features, _: Progress) -> Floats:
    return _behind_last("HiResCAM", features)


def _layer_cam(features: Features, _: Progress) -> Floats:
    return cam_behind("LayerCAM", [*features.rest, features.head()], features.finer)


def _eigen_cam(features: Features, _: Progress) -> Floats:
    return _behind_last("EigenCAM", features)


_METHODS = (
    Method(
        CAM,
        "CAM",
        "https://arxiv.org/abs/1512.04150",
        Unit.LUNGS,
        needs_gradient=False,
        masked_passes=0,
        maps=_cam,
        poolings=(LUNGS,),
    ),
    Method(
        GRAD_CAM,
        "Grad-CAM",
        "https://arxiv.org/abs/1610.02391",
        Unit.LOGITS,
        needs_gradient=True,
        masked_passes=0,
        maps=_grad_cam,
    ),
    Method(
        "grad_cam_plus_plus",
        "Grad-CAM++",
        "https://arxiv.org/abs/1710.11063",
        Unit.LOGITS,
        needs_gradient=True,
        masked_passes=0,
        maps=_grad_cam_plus_plus,
    ),
    Method(
        "hires_cam",
        "HiResCAM",
        "https://arxiv.org/abs/2011.08891",
        Unit.LOGITS,
        needs_gradient=True,
        masked_passes=0,
        maps=_hires_cam,
    ),
    Method(
        "layer_cam",
        "LayerCAM",
        "https://doi.org/10.1109/TIP.2021.3089943",
        Unit.LOGITS,
        needs_gradient=True,
        masked_passes=0,
        maps=_layer_cam,
        poolings=POOLINGS,
    ),
    Method(
        "eigen_cam",
        "EigenCAM",
        "https://arxiv.org/abs/2008.00299",
        Unit.FEATURES,
        needs_gradient=False,
        masked_passes=0,
        maps=_eigen_cam,
    ),
    Method(
        "score_cam",
        "Score-CAM",
        "https://arxiv.org/abs/1910.01279",
        Unit.FEATURES,
        needs_gradient=False,
        masked_passes=SCORE_CHANNELS,
        maps=_score_cam,
        poolings=POOLINGS,
    ),
)

METHODS: dict[str, Method] = {method.name: method for method in _METHODS}


def methods_for(networks: Sequence[Network]) -> tuple[Method, ...]:
    """The methods that are for all of these networks, the default first."""
    poolings = {LUNGS if network.is_lungs_pooled else MEAN for network in networks}
    return tuple(method for method in _METHODS if poolings <= set(method.poolings))


def silent(_: float) -> None:
    """A progress that nobody watches."""


def percentile(maps: Floats) -> float:
    """The 99th percentile of the positive values; 1 where there are none."""
    positive = maps[maps > 0]
    return float(f"{np.percentile(positive, CAM_PERCENTILE):.6g}") if positive.size else 1.0


def averaged(maps: Sequence[Floats], divisors: Sequence[float]) -> Floats:
    """The mean of several networks' maps, each in its own unit, on the finest of their grids.

    Args:
        maps: Each (B, h, w), for the same B films.
        divisors: One a network, as in ``Scale``.
    """
    return mean_evidence([each / np.float32(own) for each, own in zip(maps, divisors, strict=True)])
