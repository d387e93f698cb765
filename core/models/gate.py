"""The gate's network: a film's tensor in; whether it is a film, how it lies, and how far off it is.

The first five stages of EfficientNet-Lite0 and three linear heads on their pooled features. What
the heads were never shown is caught by distance: pooled features of two depths are compared with
those of training films by Mahalanobis distance (Lee et al., NeurIPS 2018,
https://arxiv.org/abs/1807.03888), to the nearest of eight groups: four turns, inverted or not.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.models.efficientnet_lite import lite_features

INPUT_PX = 112
TURNS = 4
GROUPS = 2 * TURNS
WIDTHS = (40, 112)
"""Channels at the two depths: after the third stage and after the fifth."""

_RIDGE = 1e-3


class Reading(NamedTuple):
    """What the network says of B films.

    Attributes:
        film: Logits of being a chest film, (B,).
        turn: Logits of how many quarter turns counter-clockwise it was turned, (B, 4).
        inverted: Logits of being inverted, (B,).
        distance: Mean squared deviation from the nearest group of training films, in each depth's
            own units (about 1 for a training film), (B, 2).
    """

    film: Tensor
    turn: Tensor
    inverted: Tensor
    distance: Tensor


class GateNetwork(nn.Module):
    """The network, whose distances are meaningful once ``fit`` has seen training films.

    Args:
        imagenet: Start from ImageNet weights.
    """

    def __init__(self, imagenet: bool = False) -> None:
        super().__init__()
        lite, _ = lite_features("efficientnet_lite0", imagenet)
        conv_stem, bn1, blocks = (
            lite.get_submodule(name) for name in ("conv_stem", "bn1", "blocks")
        )
        stages = list(blocks.children())
        self.early = nn.Sequential(conv_stem, bn1, *stages[:2])
        self.middle = stages[2]
        self.late = nn.Sequential(*stages[3:5])
        self.head = nn.Sequential(nn.Linear(WIDTHS[1], 128), nn.ReLU(), nn.Linear(128, TURNS + 2))
        for depth, width in enumerate(WIDTHS):
            self.register_buffer(f"centres_{depth}", torch.zeros(GROUPS, width))
            self.register_buffer(f"whitening_{depth}", torch.eye(width))

    def embed(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Pooled features at both depths.

        Args:
            images: (B, 1, 112, 112), in [0, 1].

        Returns:
            (B, 40) and (B, 112).
        """
        normalised = (2 * images - 1).expand(-1, 3, -1, -1)
        shallow = self.middle(self.early(normalised))  # (B, 40, 14, 14)
        deep = self.late(shallow)  # (B, 112, 7, 7)
        return shallow.mean((2, 3)), deep.mean((2, 3))

    def forward(self, images: Tensor) -> Reading:
        """What is said of images: (B, 1, 112, 112), in [0, 1]."""
        return self.read(self.embed(images))

    def read(self, embedded: Sequence[Tensor]) -> Reading:
        """What is said of images by their pooled features."""
        logits = self.head(embedded[-1])  # (B, 6)
        distances = [self._distance(depth, features) for depth, features in enumerate(embedded)]
        return Reading(
            film=logits[:, TURNS],
            turn=logits[:, :TURNS],
            inverted=logits[:, TURNS + 1],
            distance=torch.stack(distances, 1),
        )

    def fit(self, embedded: Sequence[Tensor], groups: Tensor) -> None:
        """Take training films as the measure of distance.

        Args:
            embedded: Pooled features of N films at both depths: (N, 40) and (N, 112).
            groups: Which of the eight groups each is in, (N,).
        """
        for depth, features in enumerate(embedded):
            centres = torch.stack([features[groups == group].mean(0) for group in range(GROUPS)])
            spread = torch.cov((features - centres[groups]).T)
            ridge = _RIDGE * spread.diagonal().mean() * torch.eye(len(spread))
            values, axes = torch.linalg.eigh(spread + ridge)
            self.get_buffer(f"centres_{depth}").copy_(centres)
            self.get_buffer(f"whitening_{depth}").copy_(axes * values.rsqrt())

    def _distance(self, depth: int, features: Tensor) -> Tensor:
        whitening = self.get_buffer(f"whitening_{depth}")
        centres = self.get_buffer(f"centres_{depth}")
        offsets = (features[:, None] - centres) @ whitening  # (B, 8, C)
        nearest: Tensor = offsets.square().mean(2).amin(1)
        return nearest
