"""The network that latent diffusion follows: a small U-Net on 16 x 16 latents."""

import torch
from torch import Tensor, nn

from core.data.labels import CLASSES
from core.models.generator.autoencoder import LATENT_SHAPE
from core.models.generator.blocks import Attention, ResidualBlock, larger, sinusoids, smaller

ANY_CLASS = len(CLASSES)
"""The class of a film whose class is not told."""


class Denoiser(nn.Module):
    """Which way a noisy latent moves towards a film, knowing its class and whether it is mirrored.

    Mirrored films double the data. The network is told which are (Karras et al., NeurIPS 2022,
    https://arxiv.org/abs/2206.00364), so that the films that it draws have their hearts on the
    left.

    Args:
        width: Channels at 16 x 16, doubled at each halving.
    """

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        middle, deep, told = 2 * width, 4 * width, 4 * width
        self.told = told
        self.of_time = nn.Sequential(nn.Linear(told, told), nn.SiLU(), nn.Linear(told, told))
        self.of_class = nn.Embedding(len(CLASSES) + 1, told)
        self.of_side = nn.Embedding(2, told)
        self.enter = nn.Conv2d(LATENT_SHAPE[0], width, 3, padding=1)

        def block(channels: int, out: int) -> ResidualBlock:
            return ResidualBlock(channels, out, told)

        self.down = nn.ModuleList(
            [
                _Chain(block(width, width)),
                _Chain(smaller(width, middle), block(middle, middle), block(middle, middle)),
                _Chain(smaller(middle, deep), block(deep, deep), Attention(deep)),
            ]
        )
        self.bottom = _Chain(block(deep, deep), Attention(deep), block(deep, deep))
        self.up = nn.ModuleList(
            [
                _Chain(block(2 * deep, deep), larger(deep, middle)),
                _Chain(block(2 * middle, middle), block(middle, middle), larger(middle, width)),
                _Chain(block(2 * width, width), block(width, width)),
            ]
        )
        self.leave = nn.Sequential(
            nn.GroupNorm(8, width), nn.SiLU(), nn.Conv2d(width, LATENT_SHAPE[0], 3, padding=1)
        )

    def forward(self, latents: Tensor, times: Tensor, labels: Tensor, mirrored: Tensor) -> Tensor:
        """The velocity from noise to film.

        Args:
            latents: (B, 4, 16, 16), on the way from noise to a film.
            times: (B,), how far on the way, 0 to 1.
            labels: (B,), places in ``CLASSES``, or ``ANY_CLASS``.
            mirrored: (B,), 0 or 1.

        Returns:
            (B, 4, 16, 16), float32.
        """
        told = self.of_time(sinusoids(times, self.told))
        told = nn.functional.silu(told + self.of_class(labels) + self.of_side(mirrored))
        flow, kept = self.enter(latents), []
        for step in self.down:
            flow = step(flow, told)
            kept.append(flow)
        flow = self.bottom(flow, told)
        for step in self.up:
            flow = step(torch.cat((flow, kept.pop()), 1), told)
        velocity: Tensor = self.leave(flow).float()
        return velocity


class _Chain(nn.Module):
    """Layers in turn; those that look at the condition are given it."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, flow: Tensor, told: Tensor) -> Tensor:
        for layer in self.layers:
            conditional = isinstance(layer, ResidualBlock)
            flow = layer(flow, told) if conditional else layer(flow)
        return flow
