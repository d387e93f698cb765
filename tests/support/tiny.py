"""What makes real runs quick: a tiny network with all that a real one has, and few resamples."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import core.evaluation.commissioning.figures
import core.evaluation.evaluate
import core.evaluation.external
import core.training.classifier.outcome
from core.data.frames import FRAMES
from core.metrics.classification import with_intervals
from core.models import REGISTRY, ModelSpec
from core.models.lungs_card import LungsCard

CANVASES = tuple(name for name in FRAMES if name.startswith(("padded", "canvas")))
"""Frames that are cut off again before a film is read."""


STAND_IN = "mobilenet_v3_large"
"""The architecture whose place it takes."""


def tiny_halves(size_px: int, dropout: float, imagenet: bool) -> tuple[nn.Module, nn.Module]:
    features = nn.Sequential(nn.Conv2d(3, 8, 3, stride=4), nn.BatchNorm2d(8), nn.ReLU())
    pool = (nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return features, nn.Sequential(*pool, nn.Dropout(dropout), nn.Linear(8, 1))


TINY = ModelSpec(STAND_IN, "Tiny", tiny_halves, "", "")


class DrawnLungs(nn.Module):
    """In the place of the segmenter: two lungs at the same place of every film."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = nn.Parameter(torch.tensor(8.0), requires_grad=False)

    def forward(self, films: Tensor) -> Tensor:
        y, x = (torch.linspace(-1, 1, side) for side in films.shape[-2:])
        apart = (x[None].abs() - 0.37) / 0.25
        is_lung = apart**2 + (y[:, None] / 0.7) ** 2 < 1
        return torch.where(is_lung, self.inside, -self.inside).expand_as(films)


def drawn_lungs(folder: Path | None = None) -> tuple[LungsCard, DrawnLungs]:
    """As ``load_shipped_lungs``."""
    return LungsCard("1.0", "0" * 64, 1, 0, 0), DrawnLungs()


@contextmanager
def few_resamples() -> Iterator[None]:
    """Let runs and evaluations bootstrap their intervals from 20 samples."""
    with pytest.MonkeyPatch.context() as patch:
        for command in (
            core.evaluation.commissioning.figures,
            core.evaluation.evaluate,
            core.evaluation.external,
            core.training.classifier.outcome,
        ):
            patch.setattr(command, "with_intervals", partial(with_intervals, samples=20))
        yield


@contextmanager
def in_the_registry() -> Iterator[None]:
    """Put it in the place of ``STAND_IN`` for a while, and drawn lungs in that of found ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.inference.films.load_shipped_lungs", drawn_lungs)
        patch.setitem(REGISTRY, STAND_IN, TINY)
        yield
