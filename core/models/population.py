"""The population reader: is this a child's chest film or an adult's?

It reads the box round the lungs with some margin by the encoder of the lungs segmenter, which is
there anyway, and adds one small head. What lies beyond that box cannot reach it.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from core.data.labels import POPULATIONS
from core.imaging.framing import LUNGS_FROM, cut, lungs_boxes, stretch, widened
from core.models.lungs import LungsNetwork

POPULATION_INPUT_PX = 128
POPULATION_MARGIN = 1.2
"""The box that is read is this many times as wide and high as the lungs."""

_WIDTHS = (112, 320)
"""Channels of the encoder at strides 16 and 32."""

_POOLS = 3
EMBEDDED = _POOLS * sum(_WIDTHS)
_HIDDEN = 192
_AT_ONCE = 16
"""So many films at once are fastest on a CPU: their features stay in its cache."""


def population_inputs(films: Tensor, lungs: Tensor) -> tuple[Tensor, Tensor]:
    """What is read of films, and where the lungs are there.

    Args:
        films: (B, 1, H, W), float32, in [0, 1].
        lungs: (B, 1, H, W), the probability of lung.

    Returns:
        Images (B, 1, 128, 128), stretched, in [0, 1], and the probability of lung there.
    """
    boxes = widened(lungs_boxes(lungs)[0], POPULATION_MARGIN)
    side = POPULATION_INPUT_PX
    return stretch(cut(films, boxes, side)), cut(lungs, boxes, side)


@torch.no_grad()
def embed(segmenter: LungsNetwork, images: Tensor, lungs: Tensor) -> Tensor:
    """Features of the segmenter's encoder at two depths.

    Each depth is averaged over the lungs, over the upper half and over the lower half.

    Args:
        segmenter: In evaluation mode.
        images: (B, 1, S, S), as ``population_inputs`` gives them.
        lungs: (B, 1, S, S).

    Returns:
        (B, 1296), float32.
    """
    return torch.cat(
        [
            _embed(segmenter, *some)
            for some in zip(
                torch.split(images, _AT_ONCE), torch.split(lungs, _AT_ONCE), strict=True
            )
        ]
    )


def _embed(segmenter: LungsNetwork, images: Tensor, lungs: Tensor) -> Tensor:
    read = images.contiguous(memory_format=torch.channels_last)
    parts = []
    for features in segmenter.feature_maps(read)[-len(_WIDTHS) :]:
        where = interpolate((lungs > LUNGS_FROM).float(), features.shape[-2:], mode="area")
        inside = (features * where).sum((2, 3)) / where.sum((2, 3)).clamp_min(1e-3)
        upper, lower = features.chunk(2, dim=2)
        parts += [inside, upper.mean((2, 3)), lower.mean((2, 3))]
    return torch.cat(parts, dim=1).float()


class PopulationNetwork(nn.Module):
    """From embedded films (B, 1296) to logits (B, 3), in the order of ``POPULATIONS``.

    Args:
        dropout: Share of the standardised features that training drops.
    """

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(EMBEDDED))
        self.register_buffer("deviation", torch.ones(EMBEDDED))
        self.head = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(EMBEDDED, _HIDDEN),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(_HIDDEN, len(POPULATIONS)),
        )

    def fit(self, embedded: Tensor) -> None:
        """Take training films (N, 1296) as the measure of each feature."""
        self.get_buffer("mean").copy_(embedded.mean(0))
        self.get_buffer("deviation").copy_(embedded.std(0).clamp_min(1e-4))

    def forward(self, embedded: Tensor) -> Tensor:
        """Logits of the populations."""
        standard = (embedded - self.get_buffer("mean")) / self.get_buffer("deviation")
        logits: Tensor = self.head(standard.clamp(-8, 8))
        return logits


@torch.no_grad()
def population_probabilities(
    segmenter: LungsNetwork, network: PopulationNetwork, films: Tensor, lungs: Tensor
) -> Tensor:
    """How likely films are a child's, an adult's, or neither: (B, 3), each row adds up to 1.

    Args:
        segmenter: The lungs segmenter, in evaluation mode.
        network: In evaluation mode.
        films: (B, 1, H, W), float32, in [0, 1], as ``find_lungs`` gives them.
        lungs: (B, 1, H, W), the probability of lung.
    """
    logits: Tensor = network(embed(segmenter, *population_inputs(films, lungs)))
    return logits.softmax(1)
