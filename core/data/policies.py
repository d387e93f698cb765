"""Augmentation policies, by name.

Each maps a film's tensor to one that another exposure, framing or export might have made of the
same chest.
"""

from collections.abc import Callable

from torch import nn
from torchvision.transforms import v2

from core.data.augmentation_steps import (
    JpegRoundTrip,
    RandomBorder,
    RandomClahe,
    RandomContrast,
    RandomGamma,
    RandomGibbsNoise,
    RandomHistogramShift,
    RandomMarker,
    RandomResample,
    RandomShading,
)


def _sometimes(probability: float, step: nn.Module) -> nn.Module:
    module: nn.Module = v2.RandomApply([step], p=probability)
    return module


def policy(name: str, size_px: int) -> nn.Module:
    """A policy by name.

    Args:
        name: ``none`` only resizes; ``light`` is the usual small geometric and exposure jitter;
            ``strong`` also crops hard and imitates other exports (resampling, blur, JPEG, noise,
            erased patches); ``exports`` goes further in every one of these and adds bent grey
            scales, shading, covered borders and markers. For ablations, parts of ``PARTS`` joined
            by ``+``, ``all`` of them, or ``all-PART`` for all but one.
        size_px: Side of the images it gives.

    Returns:
        A module from (1, H, W) to (1, size_px, size_px), float32, in [0, 1].

    Raises:
        KeyError: No such policy.
    """
    if name in _POLICIES:
        return nn.Sequential(*_POLICIES[name](size_px))
    return nn.Sequential(*_of_parts(parts_of(name), size_px))


def parts_of(name: str) -> tuple[str, ...]:
    """The parts of a policy made of them, in the order of ``PARTS``.

    Raises:
        KeyError: No such policy.

    Examples:
        >>> parts_of("intensity+flip")
        ('flip', 'intensity')
    """
    if name == ALL_PARTS:
        return PARTS
    kept = name.split("+")
    if name.startswith(f"{ALL_PARTS}-"):
        left_out = name.removeprefix(f"{ALL_PARTS}-")
        kept = [part for part in PARTS if part != left_out] if left_out in PARTS else [name]
    if unknown := [part for part in kept if part not in PARTS]:
        raise KeyError(unknown[0])
    return tuple(part for part in PARTS if part in kept)


def is_policy(name: str) -> bool:
    """Whether ``policy`` knows the name."""
    try:
        return name in _POLICIES or bool(parts_of(name))
    except KeyError:
        return False


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


def _exports(size_px: int) -> list[nn.Module]:
    return [
        v2.RandomHorizontalFlip(),
        _sometimes(0.2, RandomMarker()),
        _sometimes(0.25, RandomBorder(0.15)),
        _sometimes(0.5, v2.RandomRotation(12, interpolation=v2.InterpolationMode.BILINEAR)),
        v2.RandomResizedCrop(size_px, scale=(0.12, 1), ratio=(0.6, 1.67), antialias=True),
        RandomGamma(2.5),
        _sometimes(0.3, RandomHistogramShift(8)),
        _sometimes(0.3, RandomShading(0.4)),
        RandomContrast(contrast=0.6, brightness=0.3),
        _sometimes(0.4, RandomResample(0.25)),
        _sometimes(0.25, v2.GaussianBlur(7, sigma=(0.3, 2.0))),
        _sometimes(0.35, JpegRoundTrip(10, 70)),
        _sometimes(0.3, v2.GaussianNoise(sigma=0.04)),
        v2.RandomErasing(p=0.25, scale=(0.02, 0.15)),
    ]


def _of_parts(parts: tuple[str, ...], size_px: int) -> list[nn.Module]:
    steps: list[nn.Module] = []
    for name, made in _PARTS.items():
        if name in parts:
            steps += made(size_px)
        elif name == "crop":
            steps += _none(size_px)
    return steps


_PARTS: dict[str, Callable[[int], list[nn.Module]]] = {
    "flip": lambda _: [v2.RandomHorizontalFlip()],
    "erasing": lambda _: [
        _sometimes(0.3, RandomMarker()),
        _sometimes(0.5, RandomBorder(0.15)),
        v2.RandomErasing(p=0.25, scale=(0.02, 0.12)),
    ],
    "geometric": lambda _: [
        v2.RandomAffine(
            10, translate=(0.05, 0.05), shear=5, interpolation=v2.InterpolationMode.BILINEAR
        )
    ],
    "crop": lambda size_px: [
        v2.RandomResizedCrop(size_px, scale=(0.2, 1), ratio=(3 / 4, 4 / 3), antialias=True)
    ],
    "intensity": lambda _: [RandomGamma(2.2), RandomContrast(contrast=0.5, brightness=0.25)],
    "histogram": lambda _: [_sometimes(0.5, RandomHistogramShift(8))],
    "bias": lambda _: [_sometimes(0.5, RandomShading(0.4))],
    "clahe": lambda _: [_sometimes(0.5, RandomClahe(4.0))],
    "export": lambda _: [
        _sometimes(0.3, RandomResample(0.35)),
        _sometimes(0.3, v2.GaussianBlur(5, sigma=(0.3, 1.5))),
        _sometimes(0.3, JpegRoundTrip(15, 70)),
    ],
    "gibbs": lambda _: [_sometimes(0.5, RandomGibbsNoise(0.5))],
}
"""What one thing does to a film, in the order in which things happen to it."""

ALL_PARTS = "all"
PARTS = tuple(_PARTS)
_POLICIES = {"none": _none, "light": _light, "strong": _strong, "exports": _exports}
POLICY_NAMES = tuple(_POLICIES)
