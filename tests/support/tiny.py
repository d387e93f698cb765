"""What makes real runs quick: a tiny network with all that a real one has, and few resamples."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from torch import nn

import core.evaluation.evaluate
import core.training.classifier.run
from core.metrics.classification import with_intervals
from core.models import REGISTRY, ModelSpec

STAND_IN = "mobilenet_v3_large"
"""The architecture whose place it takes."""


def tiny_halves(size_px: int, dropout: float, imagenet: bool) -> tuple[nn.Module, nn.Module]:
    features = nn.Sequential(nn.Conv2d(3, 8, 3, stride=4), nn.BatchNorm2d(8), nn.ReLU())
    pool = (nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return features, nn.Sequential(*pool, nn.Dropout(dropout), nn.Linear(8, 1))


TINY = ModelSpec(STAND_IN, "Tiny", tiny_halves, "", "")


@contextmanager
def few_resamples() -> Iterator[None]:
    """Let runs and evaluations bootstrap their intervals from 20 samples."""
    with pytest.MonkeyPatch.context() as patch:
        for command in (core.evaluation.evaluate, core.training.classifier.run):
            patch.setattr(command, "with_intervals", partial(with_intervals, samples=20))
        yield


@contextmanager
def in_the_registry() -> Iterator[None]:
    """Put it in the place of ``STAND_IN`` for a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(REGISTRY, STAND_IN, TINY)
        yield
