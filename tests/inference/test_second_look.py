"""A second look at one film: covered in part, by every model, and under small changes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.labels import Verdict
from core.imaging.preprocess import squash
from core.inference.diagnosis import verdict_of
from core.inference.explanation_methods import METHODS
from core.inference.model import Diagnostician
from core.inference.second_look import (
    LEAST_LUNG,
    RANDOM_MASKS,
    SMALL_CHANGES,
    Masked,
    elsewhere,
    mask_film,
    seconds_of,
    steadiness,
    votes,
)
from tests.inference.test_explanations import phantom_film


@pytest.fixture(scope="module")
def model(tiny_weights: Path) -> Diagnostician:
    return Diagnostician.load("tiny", tiny_weights)


def test_every_model_votes_at_its_own_operating_point(model: Diagnostician) -> None:
    film = phantom_film(3)
    probability = model.diagnose(film).probability
    cards = [
        replace(model.card, name=name, threshold=threshold, review_low=low, review_high=high)
        for name, threshold, low, high in (
            ("low", probability / 2, probability / 2, probability / 2),
            ("high", 0.99, 0.99, 0.99),
            ("careful", probability, 0.0, 1.0),
        )
    ]
    found = votes(film, [Diagnostician(card, model.networks) for card in cards])
    assert [vote.card.name for vote in found] == ["low", "high", "careful"]
    assert [vote.verdict for vote in found] == [Verdict.PNEUMONIA, Verdict.NORMAL, Verdict.REVIEW]
    assert all(vote.probability == pytest.approx(probability, abs=1e-5) for vote in found)


@pytest.mark.parametrize("name", SMALL_CHANGES)
def test_a_small_change_changes_the_film_a_little(name: str) -> None:
    film = squash(phantom_film(3).pixels)
    changed = SMALL_CHANGES[name](film)
    assert changed.shape == film.shape
    assert changed.dtype == film.dtype
    assert 0 <= changed.min() <= changed.max() <= 1
    difference = (changed - film).abs()
    assert 0 < difference.mean() < 0.1


def test_shifts_go_where_their_names_say() -> None:
    film = torch.zeros(1, 224, 224)
    film[:, 100:120, 100:120] = 1
    for name, (down, right) in {
        "left": (0, -7),
        "right": (0, 7),
        "up": (-7, 0),
        "down": (7, 0),
    }.items():
        rows, columns = torch.nonzero(SMALL_CHANGES[name](film)[0] > 0.5, as_tuple=True)
        assert (int(rows.min()) - 100, int(columns.min()) - 100) == (down, right), name


def test_an_edge_is_repeated_not_blackened() -> None:
    bright = torch.full((1, 224, 224), 0.8)
    for name in ("left", "down", "clockwise"):
        assert SMALL_CHANGES[name](bright).min() > 0.79


def test_steadiness_counts_the_changes_that_turn_the_verdict(model: Diagnostician) -> None:
    film = phantom_film(3)
    calm = steadiness(film, model)
    assert calm.plain == pytest.approx(model.diagnose(film).probability, abs=1e-5)
    assert list(calm.changed) == list(SMALL_CHANGES)
    assert len(set(calm.changed.values())) > 6, "the changes reach the network"
    values = sorted([calm.plain, *calm.changed.values()])
    middle = (values[5] + values[6]) / 2
    card = replace(model.card, threshold=middle, review_low=middle, review_high=middle)
    torn = steadiness(film, Diagnostician(card, model.networks))
    plain = verdict_of(torn.plain, card)
    expected = [name for name, value in torn.changed.items() if verdict_of(value, card) != plain]
    assert expected
    assert torn.flips == tuple(expected)


def test_masking_one_film_is_the_same_each_time_and_in_calibrated_logits(
    model: Diagnostician,
) -> None:
    film = phantom_film(3)
    heatmap = model.diagnose(film).heatmap
    once, again = (mask_film(model, film, heatmap) for _ in range(2))
    assert once.whole == pytest.approx(float(model.logits([squash(film.pixels)])[0]), abs=1e-5)
    assert len(once.elsewhere) == RANDOM_MASKS
    np.testing.assert_array_equal(once.elsewhere, again.elsewhere)
    assert once.hot != once.whole


def test_random_masks_have_the_shape_of_the_hot_one_and_cover_as_much_lung() -> None:
    cells, lung = np.zeros((7, 7), bool), np.zeros((7, 7), np.float32)
    cells[2:4, 1:3] = True
    lung[1:6, 1:6] = 1
    masks = elsewhere(cells, lung, np.random.default_rng(0))
    assert len(masks) == RANDOM_MASKS
    for mask in masks:
        assert mask.sum() == cells.sum()
        assert (mask != cells).any()
        assert lung[mask].sum() >= LEAST_LUNG * lung[cells].sum()
    assert len({mask.tobytes() for mask in masks}) == RANDOM_MASKS


def test_where_little_is_lung_random_masks_cover_the_most_of_it_that_they_can() -> None:
    cells, lung = np.zeros((4, 4), bool), np.zeros((4, 4), np.float32)
    cells[1, 1] = lung[1, 1] = lung[2, 2] = True
    masks = elsewhere(cells, lung, np.random.default_rng(0))
    assert any(mask[2, 2] for mask in masks)
    assert not any((mask == cells).all() for mask in masks)


def test_the_hot_places_carry_the_score_where_it_falls_more_than_elsewhere() -> None:
    elsewhere = np.array([1.0, 3.0], np.float32)
    assert Masked(3.0, 1.9, elsewhere).fell
    assert not Masked(3.0, 2.1, elsewhere).fell


def test_a_costly_method_is_told_to_take_longer(model: Diagnostician) -> None:
    film = phantom_film(3)
    model.logits([squash(film.pixels)])  # warm
    quick = seconds_of(film, model, METHODS["grad_cam"])
    assert seconds_of(film, model, METHODS["score_cam"]) > 3 * quick > 0
