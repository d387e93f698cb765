"""What the generator's two networks are built of."""

import torch
from torch import Tensor, nn
from torch.nn import functional

GROUPS = 8


class ResidualBlock(nn.Module):
    """Two convolutions beside a shortcut, scaled and shifted by a condition where there is one.

    Args:
        channels: Of the input.
        width: Of the output.
        condition: Numbers that the condition has; 0 for none.
    """

    def __init__(self, channels: int, width: int, condition: int = 0) -> None:
        super().__init__()
        self.first_norm = nn.GroupNorm(GROUPS, channels)
        self.first = nn.Conv2d(channels, width, 3, padding=1)
        self.second_norm = nn.GroupNorm(GROUPS, width)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.shortcut: nn.Module = nn.Identity()
        if channels != width:
            self.shortcut = nn.Conv2d(channels, width, 1)
        self.condition = nn.Linear(condition, 2 * width) if condition else None
        nn.init.zeros_(self.second.weight)  # so that a block begins as its shortcut

    def forward(self, maps: Tensor, condition: Tensor | None = None) -> Tensor:
        """(B, channels, h, w), and (B, condition), to (B, width, h, w)."""
        flow = self.second_norm(self.first(functional.silu(self.first_norm(maps))))
        if self.condition is not None:
            scale, shift = self.condition(condition)[:, :, None, None].chunk(2, 1)
            flow = flow * (1 + scale) + shift
        added: Tensor = self.shortcut(maps) + self.second(functional.silu(flow))
        return added


class Attention(nn.Module):
    """Each place looks at every other one (Vaswani et al., 2017), beside a shortcut."""

    def __init__(self, width: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(GROUPS, width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        nn.init.zeros_(self.out.weight)

    def forward(self, maps: Tensor) -> Tensor:
        """(B, C, h, w) to the same shape."""
        places = self.norm(maps).flatten(2).mT  # (B, hw, C)
        split = self.queries_keys_values(places).chunk(3, 2)
        queries, keys, values = (
            part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in split
        )
        seen = functional.scaled_dot_product_attention(queries, keys, values)  # (B, heads, hw, c)
        told: Tensor = self.out(seen.transpose(1, 2).flatten(2)).mT.unflatten(2, maps.shape[2:])
        return maps + told


def smaller(channels: int, width: int) -> nn.Module:
    """Half the side."""
    return nn.Conv2d(channels, width, 3, stride=2, padding=1)


def larger(channels: int, width: int) -> nn.Module:
    """Twice the side."""
    return nn.Sequential(nn.Conv2d(channels, 4 * width, 1), nn.PixelShuffle(2))


def sinusoids(times: Tensor, width: int) -> Tensor:
    """Times from 0 to 1 as sines and cosines of many frequencies: (B,) to (B, width)."""
    frequencies = torch.exp(torch.linspace(0, 7, width // 2, device=times.device))
    angles = times[:, None] * frequencies
    return torch.cat((angles.sin(), angles.cos()), 1)
