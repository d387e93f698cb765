"""Has the generator memorised training films? The distance of a film to the nearest training film.

A film that was never seen in training has some such distance too. What lies nearer than all but one
in a hundred of those counts as a copy. Training films are also compared mirrored, and the strip
that may hold the mark takes no part.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.evaluation.generator.features import Features, Floats
from core.models.generator.generator import Films
from core.models.generator.picture import above_mark

COPY_PERCENTILE = 1.0
_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Nearest:
    """Distances to the nearest training film, of N films.

    Attributes:
        pixels: Root mean square of the difference in grey, 0 to 1, (N,).
        features: Euclidean, of pooled features, (N,).
    """

    pixels: Floats
    features: Floats

    def limits(self) -> tuple[float, float]:
        """The distances in pixels and in features under which a film counts as a copy."""
        pixels, features = (
            float(np.percentile(part, COPY_PERCENTILE)) for part in (self.pixels, self.features)
        )
        return pixels, features


class Memory:
    """The training films, and their mirror images.

    Args:
        films: (N, 128, 128), 0 black to 255 white.
        features: The network that features are of.
    """

    def __init__(self, films: Films, features: Features) -> None:
        self.network = features
        both = np.concatenate([films, films[..., ::-1]])
        self.pixels = _flat(both)
        self.features = torch.from_numpy(features.of(above_mark(both)))

    def nearest(self, films: Films) -> Nearest:
        """How far films (N, 128, 128) are from the nearest of them."""
        features = torch.from_numpy(self.network.of(above_mark(films)))
        return Nearest(
            _least(_flat(films), self.pixels) / np.sqrt(np.float32(self.pixels.shape[1])),
            _least(features, self.features),
        )


def _flat(films: Films) -> torch.Tensor:
    return torch.from_numpy(above_mark(films)).flatten(1).float() / 255


def _least(some: torch.Tensor, others: torch.Tensor) -> NDArray[np.float32]:
    """The distance of each of some rows to the nearest of the others: (N,)."""
    nearest = [torch.cdist(part, others).amin(1) for part in torch.split(some, _AT_ONCE)]
    return torch.cat(nearest).numpy()


def is_copy(nearest: Nearest, limits: tuple[float, float]) -> NDArray[np.bool_]:
    """Which films lie nearer to a training film than the limits, in pixels or in features."""
    copies: NDArray[np.bool_] = (nearest.pixels < limits[0]) | (nearest.features < limits[1])
    return copies
