"""How well two outlines of the same thing agree."""

import torch
from torch import Tensor


def dice(found: Tensor, outlines: Tensor) -> Tensor:
    """The Dice coefficient of each film: twice the area in both over the sum of both areas.

    Dice, Ecology 1945, https://doi.org/10.2307/1932409.

    Args:
        found: (B, H, W), bool: what was found.
        outlines: (B, H, W), bool: what a human outlined.

    Returns:
        (B,), in [0, 1]; 1 where both are empty.
    """
    both = (found & outlines).sum((1, 2)).float()
    sizes = found.sum((1, 2)).float() + outlines.sum((1, 2)).float()
    return torch.where(sizes > 0, 2 * both / sizes.clamp_min(1), torch.ones_like(sizes))
