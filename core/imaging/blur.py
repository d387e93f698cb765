"""Gaussian blur of batches."""

from math import ceil

import torch
from torch import Tensor
from torch.nn.functional import conv2d, pad


def gaussian(images: Tensor, deviation_px: float) -> Tensor:
    """Blurred images; the edge's pixels go on beyond it.

    Args:
        images: (B, 1, H, W), float32.
        deviation_px: The standard deviation, in pixels.
    """
    reach = max(1, ceil(3 * deviation_px))
    places = torch.arange(-reach, reach + 1, device=images.device, dtype=images.dtype)
    weights = torch.exp(-0.5 * (places / deviation_px) ** 2)
    weights = weights / weights.sum()
    across = conv2d(pad(images, (reach, reach, 0, 0), mode="replicate"), weights.view(1, 1, 1, -1))
    return conv2d(pad(across, (0, 0, reach, reach), mode="replicate"), weights.view(1, 1, -1, 1))
