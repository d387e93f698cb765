"""The check that a heatmap shows what the verdict rests on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.evaluation.masking import falls
from core.imaging.framings import FILM
from core.inference.explanation_methods import METHODS
from core.inference.explanations import Features, Floats
from core.inference.model import Diagnostician
from core.inference.second_look import covered, hot_cells
from core.models import Network, load_card
from core.models.weights import GRAD_CAM

SIDE_PX = 64


class LooksLeft(nn.Module):
    """A map of four by four cells: the brightness of each; the head adds those on the left."""

    def forward(self, images: Tensor) -> Tensor:
        return nn.functional.adaptive_avg_pool2d(images[:, :1], 4)


class AddsLeft(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.columns = nn.Parameter(torch.tensor([1.0, 0.1, 0.0, 0.0]), requires_grad=False)

    def forward(self, feature_map: Tensor) -> Tensor:
        return (feature_map * self.columns).mean((1, 2, 3))[:, None] * 4


@pytest.fixture
def reader(tiny_weights: Path) -> Diagnostician:
    """A model that looks at the left side alone."""
    card = replace(load_card("tiny", tiny_weights), size_px=SIDE_PX)
    network = Network.__new__(Network)
    nn.Module.__init__(network)
    network.size_px, network.framing = SIDE_PX, FILM
    network.features, network.head = LooksLeft(), AddsLeft()
    network.register_buffer("mean", torch.zeros(1, 3, 1, 1))
    network.register_buffer("std", torch.ones(1, 3, 1, 1))
    return Diagnostician(card, [network.eval()])


def test_hot_cells_are_the_hottest_fifth() -> None:
    evidence = np.arange(49, dtype=np.float32).reshape(7, 7)
    hot = hot_cells(evidence)
    assert hot.sum() == round(0.2 * 49)
    assert evidence[hot].min() > evidence[~hot].max()


def test_a_map_without_evidence_still_has_cells() -> None:
    assert hot_cells(np.zeros((2, 2), np.float32)).sum() == 1


def test_covering_fills_the_cells_with_the_grey_of_the_rest() -> None:
    film = torch.rand(1, 8, 8)
    cells = np.zeros((2, 2), bool)
    cells[0, 1] = True
    seen = covered(film, cells)
    rest = torch.ones(8, 8, dtype=torch.bool)
    rest[:4, 4:] = False
    torch.testing.assert_close(seen[0][rest], film[0][rest])
    torch.testing.assert_close(seen[0][~rest], film[0][rest].mean().expand(16))


def test_a_faithful_map_passes_and_a_map_of_the_wrong_side_does_not(
    reader: Diagnostician,
) -> None:
    films = torch.rand(12, 1, 224, 224, generator=torch.Generator().manual_seed(0)) * 0.2
    films[..., :56] += 0.7  # bright on the left, where the logit comes from
    for name in (GRAD_CAM, "layer_cam"):
        assert falls(reader, films, METHODS[name], (1.0,)).mean() > 0.9

    def wrong_side(features: Features, _: object) -> Floats:
        evidence = np.zeros((2, 4, 4), np.float32)  # the film and its mirror image
        evidence[0, :, 2:], evidence[1, :, :2] = 1, 1
        return evidence

    wrong = replace(METHODS[GRAD_CAM], maps=wrong_side)
    assert falls(reader, films, wrong, (1.0,)).mean() < 0.5
