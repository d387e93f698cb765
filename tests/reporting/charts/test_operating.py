"""Figures and words of a threshold."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.messages.catalogue import LANGUAGES
from core.metrics.classification import COUNTS, with_intervals
from core.metrics.operating_points import at_prevalence, benefit_of, count_at, figures_at
from core.models import load_card
from core.reporting.captions.operating import (
    decision_caption,
    elsewhere_sentence,
    films_caption,
    look_sentence,
    rates_table,
    threshold_words,
    thresholds_of,
    where_better,
)
from core.reporting.charts.operating import cells_chart, decision_chart, films_chart
from core.reporting.numbers import percent
from tests.support.made_up import predictions

FILMS = predictions(40, 60, apart=2)
FIGURES = figures_at(count_at(FILMS, 0.5, samples=20))
LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


def test_every_film_is_drawn_in_its_row_with_its_name() -> None:
    figure = films_chart(FILMS, 0.3, 0.5, (0.2, 0.8), "en")
    normal, pneumonia = figure.data
    assert (len(normal.x), len(pneumonia.x)) == (40, 60)
    assert max(normal.y) < min(pneumonia.y)
    assert set(normal.customdata) | set(pneumonia.customdata) == set(FILMS["image"])
    band, point, threshold = figure.layout.shapes
    assert (band.x0, band.x1, point.x0, threshold.x0) == (0.2, 0.8, 0.5, 0.3)
    assert len(films_chart(FILMS, 0.3, 0.5, None, "en").layout.shapes) == 2
    assert len(films_chart(FILMS, 0.3, 0.5, (0.4, 0.4), "en").layout.shapes) == 2


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


def test_the_thresholds_hold_what_was_chosen_on_validation_exactly(tiny_weights: Path) -> None:
    card = replace(
        load_card("tiny", tiny_weights), threshold=0.3894, review_low=0.25, review_high=0.8205
    )
    marks = thresholds_of(card, 0.3894)
    assert next(iter(marks)) == "0"
    assert list(marks)[-1] == "1"
    assert list(map(float, marks)) == sorted(map(float, marks))
    named = {name: float(option) for option, name in marks.items() if name}
    assert named == {"operating_point": 0.3894, "review_low": 0.25, "review_high": 0.8205}
    assert len(marks) == 101 + 2, "0.25 is a whole percent"
    assert "operating point" in threshold_words("0.3894", marks, "en")
    assert threshold_words("0.5", marks, "en") == percent(0.5, "en")


def test_without_a_card_or_a_band_the_operating_point_is_the_only_mark(tiny_weights: Path) -> None:
    for card in (None, load_card("tiny", tiny_weights)):
        assert {name for name in thresholds_of(card, 0.5).values() if name} == {"operating_point"}


@LANGUAGE
def test_the_table_has_each_rate_with_its_n_and_two_at_the_readers_prevalence(
    language: str,
) -> None:
    elsewhere = at_prevalence(count_at(FILMS, 0.5, samples=20), 0.08)
    table = rates_table(FIGURES, elsewhere, 0.08, language)
    assert len(table) == 5 + 2
    counts = FIGURES["confusion"]
    assert table.iloc[:5, 1].tolist() == [
        "60",
        "40",
        str(counts["tp"] + counts["fp"]),
        str(counts["tn"] + counts["fn"]),
        "100",
    ]
    assert "8.0" in table.index[5]
    assert f"{100 * (elsewhere['ppv']['value'] or 0):.1f}" in table.iloc[5, 0]


@LANGUAGE
def test_a_thousand_films_are_counted_out(language: str) -> None:
    figures = {"sensitivity": {"value": 0.9}, "specificity": {"value": 0.8}}
    sentence = elsewhere_sentence(figures, 0.1, language)
    numbers = sorted(map(int, re.findall(r"\d+", sentence.replace(",", ""))))
    assert numbers == sorted([1000, 100, 90, 10, 900, 180, 90, 270])
    for prevalence in (0.0, 1.0):
        assert elsewhere_sentence(figures, prevalence, language)


def test_without_a_class_nothing_is_counted_out() -> None:
    figures = {"sensitivity": {"value": None}, "specificity": {"value": 0.8}}
    assert "only one class" in elsewhere_sentence(figures, 0.1, "en")


@LANGUAGE
def test_another_threshold_than_the_models_is_a_look(language: str) -> None:
    assert look_sentence(0.5, 0.5, "test", language) is None
    look = look_sentence(0.5, 0.3894, "validation", language)
    on_test = look_sentence(0.5, 0.3894, "test", language)
    assert look is not None
    assert on_test is not None
    assert "38.9" in look
    assert len(on_test) > len(look)


@LANGUAGE
def test_the_films_in_words_count_the_wrong_ones(language: str) -> None:
    caption = films_caption(FIGURES, language)
    counts = FIGURES["confusion"]
    assert str(counts["fp"] + counts["fn"]) in caption
    assert "100" in caption


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
        assert "no more than a simple rule" in bad
        assert "no more than a simple rule" not in good


def test_the_stretch_next_to_the_operating_point_is_told() -> None:
    curve = pd.DataFrame(
        {"threshold": [0.1, 0.2, 0.3, 0.4, 0.5], "model": [1, 0, 1, 1, 0], "all": 0.5}
    )
    assert where_better(curve, 0.35) == (0.3, 0.4)
    assert where_better(curve, 0.0) == (0.1, 0.1)
    assert where_better(curve.assign(model=0), 0.3) is None
