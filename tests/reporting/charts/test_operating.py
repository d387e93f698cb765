"""Figures and words of a threshold."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.messages.catalogue import LANGUAGES
from core.metrics.classification import COUNTS, with_intervals
from core.metrics.operating_points import benefit_of, count_at, figures_at
from core.models import load_card
from core.reporting.captions.operating import (
    decision_caption,
    rates_table,
    where_better,
)
from core.reporting.charts.operating import cells_chart, decision_chart
from core.ui.evaluation.what_if import marks_of
from tests.support.made_up import predictions

FILMS = predictions(40, 60, apart=2)
FIGURES = figures_at(count_at(FILMS, 0.5, samples=20))
LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


@pytest.mark.parametrize("cell", COUNTS)
def test_every_cell_can_be_clicked_and_the_chosen_one_is_framed(cell: str) -> None:
    figure = cells_chart({"tn": 30, "fp": 10, "fn": 3, "tp": 57}, cell, "en")
    spots = figure.data[-1]
    assert list(spots.customdata) == list(COUNTS)
    place = list(spots.customdata).index(cell)
    names = ["Normal", "Pneumonia"]
    truth, said = names[cell in ("fn", "tp")], names[cell in ("fp", "tp")]
    assert (spots.y[place], spots.x[place]) == (truth, said)
    frame = figure.layout.shapes[0]
    assert frame.x0 < names.index(said) < frame.x1
    assert frame.y0 < names.index(truth) < frame.y1
    assert not cells_chart({"tn": 1, "fp": 1, "fn": 1, "tp": 1}, None, "en").layout.shapes


def test_the_thresholds_chosen_on_validation_are_offered_exactly(tiny_weights: Path) -> None:
    card = replace(
        load_card("tiny", tiny_weights), threshold=0.3894, review_low=0.25, review_high=0.8205
    )
    marks = {"operating_point": 0.3894, "review_low": 0.25, "review_high": 0.8205}
    assert marks_of(card, 0.3894) == marks


def test_without_a_card_or_a_band_the_operating_point_is_the_only_mark(tiny_weights: Path) -> None:
    for card in (None, load_card("tiny", tiny_weights)):
        assert marks_of(card, 0.5) == {"operating_point": 0.5}


@LANGUAGE
def test_the_table_has_each_rate_with_its_interval(language: str) -> None:
    table = rates_table(FIGURES, language)
    assert len(table) == 5
    assert f"{100 * FIGURES['sensitivity']['value']:.1f}" in table.iloc[0, 0]
    assert "(" in table.iloc[0, 0]


def test_the_decision_curve_has_three_rules_and_the_operating_point() -> None:
    summary = with_intervals(FILMS, 0.5, samples=5)
    none, everyone, model, point = decision_chart(
        benefit_of(FILMS, summary["threshold"]), "en"
    ).data
    assert set(none.y) == {0}
    assert everyone.y[0] == pytest.approx(0.6 - 0.4 / 99)
    counts = summary["confusion"]
    assert point.y[0] == pytest.approx((counts["tp"] - counts["fp"]) / 100)
    assert np.interp(0.5, model.x, model.y) == pytest.approx(point.y[0])


@LANGUAGE
def test_the_decision_curve_in_words_says_which_rule_is_worth_more(language: str) -> None:
    good = decision_caption(benefit_of(FILMS, 0.5), language)
    blind = FILMS.assign(logit=-FILMS["logit"])
    bad = decision_caption(benefit_of(blind, 0.5), language)
    assert good != bad
    if language == "en":
        assert "never beats" in bad
        assert "never beats" not in good


def test_the_stretch_next_to_the_operating_point_is_told() -> None:
    curve = pd.DataFrame(
        {"threshold": [0.1, 0.2, 0.3, 0.4, 0.5], "model": [1, 0, 1, 1, 0], "all": 0.5}
    )
    assert where_better(curve, 0.35) == (0.3, 0.4)
    assert where_better(curve, 0.0) == (0.1, 0.1)
    assert where_better(curve.assign(model=0), 0.3) is None
