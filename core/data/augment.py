"""Augmentation policies, by name.

Each maps a film's tensor to one that another exposure, framing or export might have made of the
same chest.
"""

from io import BytesIO

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torchvision.transforms import v2


class RandomGamma(nn.Module):
    """Raise a [0, 1] image to a random power between ``1 / most`` and ``most``."""

    def __init__(self, most: float) -> None:
        super().__init__()
        self.log_most = float(torch.tensor(most).log())

    def forward(self, image: Tensor) -> Tensor:
        """An image of the same shape and range."""
        power = torch.empty(()).uniform_(-self.log_most, self.log_most).exp()
        return image.clamp(0, 1) ** power


class RandomContrast(nn.Module):
    """Scale contrast about the mean and shift brightness, then clip, as an exposure does."""

    def __init__(self, contrast: float, brightness: float) -> None:
        super().__init__()
        self.contrast = contrast
        self.brightness = brightness

    def forward(self, image: Tensor) -> Tensor:
        """An image of the same shape, in [0, 1]."""
        gain = 1 + float(torch.empty(()).uniform_(-self.contrast, self.contrast))
        shift = float(torch.empty(()).uniform_(-self.brightness, self.brightness))
        mean = image.mean()
        return ((image - mean) * gain + mean + shift).clamp(0, 1)


class RandomResample(nn.Module):
    """Shrink an image to a random share of its side and enlarge it again: a coarser export."""

    def __init__(self, least: float) -> None:
        super().__init__()
        self.least = least

    def forward(self, image: Tensor) -> Tensor:
        """An image of the same shape and range."""
        height, width = image.shape[-2:]
        share = float(torch.empty(()).uniform_(self.least, 1))
        small = v2.functional.resize(image, [round(height * share), round(width * share)])
        large: Tensor = v2.functional.resize(small, [height, width])
        return large


class JpegRoundTrip(nn.Module):
    """Save a [0, 1] image as JPEG at a random quality and read it back."""

    def __init__(self, worst: int, best: int) -> None:
        super().__init__()
        self.worst = worst
        self.best = best

    def forward(self, image: Tensor) -> Tensor:
        """An image of the same shape, (1, H, W), and range."""
        quality = int(torch.randint(self.worst, self.best + 1, ()))
        pixels = (image[0].clamp(0, 1) * 255).round().to(torch.uint8).numpy()
        file = BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=quality)
        return torch.from_numpy(np.array(Image.open(file), np.float32))[None] / 255


def _sometimes(probability: float, step: nn.Module) -> nn.Module:
    module: nn.Module = v2.RandomApply([step], p=probability)
    return module


def policy(name: str, size_px: int) -> nn.Module:
    """A policy by name.

    Args:
        name: ``none`` only resizes; ``light`` is the usual small geometric and exposure jitter;
            ``strong`` also crops hard and imitates other exports (resampling, blur, JPEG, noise,
            erased patches).
        size_px: Side of the images it gives.

    Returns:
        A module from (1, H, W) to (1, size_px, size_px), float32, in [0, 1].

    Raises:
        KeyError: No such policy.
    """
    return nn.Sequential(*_POLICIES[name](size_px))


def _none(size_px: int) -> list[nn.Module]:
    return [v2.Resize((size_px, size_px), antialias=True)]


def _light(size_px: int) -> list[nn.Module]:
    return [
        v2.RandomResizedCrop(size_px, scale=(0.8, 1), ratio=(0.9, 1.1), antialias=True),
        v2.RandomRotation(7, interpolation=v2.InterpolationMode.BILINEAR),
        RandomContrast(contrast=0.15, brightness=0.1),
    ]


def _strong(size_px: int) -> list[nn.Module]:
    return [
        v2.RandomHorizontalFlip(),
        _sometimes(0.5, v2.RandomRotation(10, interpolation=v2.InterpolationMode.BILINEAR)),
        v2.RandomResizedCrop(size_px, scale=(0.2, 1), ratio=(3 / 4, 4 / 3), antialias=True),
        RandomGamma(2.2),
        RandomContrast(contrast=0.5, brightness=0.25),
        _sometimes(0.3, RandomResample(0.35)),
        _sometimes(0.2, v2.GaussianBlur(5, sigma=(0.3, 1.5))),
        _sometimes(0.3, JpegRoundTrip(15, 70)),
        _sometimes(0.3, v2.GaussianNoise(sigma=0.03)),
        v2.RandomErasing(p=0.25, scale=(0.02, 0.12)),
    ]


_POLICIES = {"none": _none, "light": _light, "strong": _strong}
POLICY_NAMES = tuple(_POLICIES)
