"""The autoencoder: a film of 128 px to 16 x 16 places of four numbers, and back.

Latent diffusion (Rombach et al., CVPR 2022, https://arxiv.org/abs/2112.10752) draws in this small
space. The encoder and decoder work on rearranged pixels, for convolutions at the full side would
take most of the time.
"""

import torch
from torch import Tensor, nn

from core.models.generator.blocks import ResidualBlock, larger, smaller

FILM_PX = 128
LATENT_SHAPE = (4, 16, 16)
_LEAST_LOG_VARIANCE, _MOST_LOG_VARIANCE = -20.0, 10.0


class Autoencoder(nn.Module):
    """An encoder that gives a normal distribution over latents, and a decoder.

    Args:
        width: Channels at 64 px, doubled at each halving.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        middle, deep, numbers = 2 * width, 4 * width, LATENT_SHAPE[0]
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(4),  # (B, 16, 32, 32)
            nn.Conv2d(16, middle, 3, padding=1),
            ResidualBlock(middle, middle),
            smaller(middle, deep),  # (B, deep, 16, 16)
            ResidualBlock(deep, deep),
            nn.GroupNorm(8, deep),
            nn.SiLU(),
            nn.Conv2d(deep, 2 * numbers, 1),
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(numbers, deep, 3, padding=1),
            ResidualBlock(deep, deep),
            ResidualBlock(deep, deep),
            larger(deep, middle),  # (B, middle, 32, 32)
            ResidualBlock(middle, middle),
            larger(middle, width),  # (B, width, 64, 64)
            ResidualBlock(width, width),
            nn.GroupNorm(8, width),
            nn.SiLU(),
            nn.Conv2d(width, 4, 3, padding=1),
            nn.PixelShuffle(2),  # (B, 1, 128, 128)
        )

    def encode(self, films: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and logarithm of the variance of the latents.

        Args:
            films: (B, 1, 128, 128), in [0, 1].

        Returns:
            (B, 4, 16, 16) each.
        """
        mean, log_variance = self.encoder(2 * films - 1).float().chunk(2, 1)
        return mean, log_variance.clamp(_LEAST_LOG_VARIANCE, _MOST_LOG_VARIANCE)

    def decode(self, latents: Tensor) -> Tensor:
        """Latents (B, 4, 16, 16) to films (B, 1, 128, 128), about [0, 1] and not clipped."""
        decoded: Tensor = self.decoder(latents).float()
        return (decoded + 1) / 2


def drawn_latents(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Latents drawn from their distribution: (B, 4, 16, 16)."""
    return mean + (0.5 * log_variance).exp() * torch.randn_like(mean)


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """How far the distribution is from a standard normal one: the mean divergence of a number."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
