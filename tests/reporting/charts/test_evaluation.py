"""Figures and words of an evaluation."""

import re

import numpy as np
import pytest

from core.messages.catalogue import LANGUAGES
from core.metrics.classification import METRICS, with_intervals
from core.reporting.captions.evaluation import (
    TABLE_ORDER,
    chart_words,
    confusion_caption,
    has_both_classes,
    headline,
    is_no_better_than_chance,
    metrics_glossary,
    metrics_table,
)
from core.reporting.charts.evaluation import (
    confusion_chart,
    precision_recall_chart,
    reliability_chart,
    roc_chart,
)
from core.reporting.numbers import written, written_interval
from tests.support.made_up import predictions

FILMS = predictions(40, 60)
SUMMARY = with_intervals(FILMS, 0.5, samples=20)
LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


def test_the_confusion_matrix_shows_counts_and_shares_of_each_row() -> None:
    figure = confusion_chart({"tn": 30, "fp": 10, "fn": 3, "tp": 57}, "en")
    cells = [re.sub("<.*?>", " ", note.text).split() for note in figure.layout.annotations]
    assert [cell[0] for cell in cells] == ["30", "10", "3", "57"]
    assert [cell[1] for cell in cells] == ["75.0", "25.0", "5.0", "95.0"]
    assert np.allclose(figure.data[0].z, [[0.75, 0.25], [0.05, 0.95]])
    assert list(figure.data[0].x) == ["Normal", "Pneumonia"]


def test_a_class_without_films_leaves_its_row_empty() -> None:
    figure = confusion_chart({"tn": 0, "fp": 0, "fn": 1, "tp": 1}, "en")
    assert np.allclose(figure.data[0].z, [[0, 0], [0.5, 0.5]])


def test_roc_marks_the_operating_point_with_its_intervals() -> None:
    point = roc_chart(FILMS, SUMMARY, "en").data[-1]
    assert point.x[0] == pytest.approx(1 - SUMMARY["specificity"]["value"])
    assert point.y[0] == pytest.approx(SUMMARY["sensitivity"]["value"])
    assert point.x[0] - point.error_x.arrayminus[0] == pytest.approx(
        1 - SUMMARY["specificity"]["high"]
    )
    assert point.y[0] + point.error_y.array[0] == pytest.approx(SUMMARY["sensitivity"]["high"])


def test_precision_recall_shows_what_guessing_reaches() -> None:
    guessing, _, point = precision_recall_chart(FILMS, SUMMARY, "en").data
    assert list(guessing.y) == [0.6, 0.6]
    assert point.y[0] == pytest.approx(SUMMARY["ppv"]["value"])


def test_precision_recall_of_a_model_that_calls_nothing_pneumonia_has_no_point() -> None:
    films = FILMS.assign(logit=FILMS["logit"] - 100)
    summary = with_intervals(films, 0.5, samples=5)
    assert len(precision_recall_chart(films, summary, "en").data) == 2
    assert "not defined" in chart_words("precision_recall", summary, "en")


def test_reliability_counts_every_film_once() -> None:
    figure = reliability_chart(FILMS, "en")
    counts = list(figure.data[1].customdata)
    assert sum(counts) == len(FILMS)
    assert max(counts) - min(counts) <= 1, "as many films behind each mark"


@LANGUAGE
def test_the_table_has_a_row_a_metric_with_interval_and_n(language: str) -> None:
    table = metrics_table(SUMMARY, language)
    assert len(table) == len(METRICS)
    assert set(TABLE_ORDER) == set(METRICS)
    assert list(table.iloc[:2, 2]) == ["60", "40"]
    assert table.iloc[0, 0] == written("sensitivity", SUMMARY["sensitivity"]["value"], language)
    assert metrics_glossary(language).count("\n") == len(METRICS) - 1


def test_the_headline_tells_the_share_of_right_calls_and_of_review() -> None:
    films = FILMS.assign(logit=np.where(FILMS["truth"] == 1, 5.0, -5.0))
    films.loc[:9, "logit"] = 5.0
    summary = with_intervals(films, 0.5, samples=5)
    assert headline(summary, "Adults", "en") == "90.0\xa0% of calls right"
    rest = {**summary, "accuracy": {"value": 0.975}}
    reviewed = {**summary, "review": {"n": 9, "share": 0.09, "rest": rest}}
    assert headline(reviewed, "Adults", "en") == "97.5\xa0% of calls right, 9.0\xa0% sent to review"


def test_the_headline_of_a_model_that_guesses_says_not_to_use_it() -> None:
    blind = with_intervals(FILMS.assign(logit=-FILMS["logit"]), 0.5, samples=5)
    told = headline(blind, "Adults", "en")
    assert told.startswith("Adults: no better than chance (AUROC ")
    assert told.endswith("Do not use.")
    near = {**SUMMARY, "auroc": {"value": 0.6, "low": 0.5, "high": 0.7}}
    assert is_no_better_than_chance(near), "the interval reaches down to guessing"
    assert not is_no_better_than_chance(SUMMARY)


@LANGUAGE
def test_every_figure_has_words_with_n(language: str) -> None:
    for chart in ("roc", "precision_recall", "reliability"):
        assert "n = 100" in chart_words(chart, SUMMARY, language)
    assert str(SUMMARY["confusion"]["tp"]) in confusion_caption(SUMMARY, language)


def test_one_class_alone_has_a_sentence_and_a_table_but_no_curves() -> None:
    summary = with_intervals(predictions(0, 10), 0.5, samples=5)
    assert not has_both_classes(summary)
    assert has_both_classes(SUMMARY)
    assert "right" in headline(summary, "Adults", "en")
    assert metrics_table(summary, "en").loc["AUROC", "95 % interval"] == "–"


def test_rates_are_percentages_and_areas_are_not() -> None:
    assert written("sensitivity", 0.5, "ko") == "50.0%"
    assert written("auroc", 0.5, "ko") == "0.500"
    assert written_interval("auroc", {"low": 0.1, "high": 0.2}, "en") == "0.100 to 0.200"
