"""The review band's name, and what a verdict means in figures of other films."""

import re

import numpy as np
import pytest

from core.data.labels import Verdict
from core.messages.catalogue import LANGUAGES
from core.metrics.classification import with_intervals
from core.reporting.captions.verdict import (
    FEWEST,
    called_words,
    measured_words,
    neighbours,
    neighbours_words,
    probability_words,
    review_words,
)
from core.results.evaluations import Scores
from tests.support.made_up import predictions, with_evidence

LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


def scored(probabilities: list[float], pneumonias: int) -> Scores:
    """Films of given probabilities, of which the first so many are pneumonia."""
    probability = np.array(probabilities)
    truth = (np.arange(len(probability)) < pneumonias).astype(int)
    return Scores(truth, np.log(probability / (1 - probability)))


def test_the_review_band_is_named_with_its_edges_and_an_empty_one_is_not() -> None:
    assert review_words((0.0833, 0.9196), "en") == "Review 8–92 %"
    assert review_words((0.4, 0.4), "en") == ""


def test_enough_films_of_the_same_five_percent_are_the_neighbours() -> None:
    films = scored([0.97] * FEWEST + [0.93] * 50, pneumonias=FEWEST - 2)
    found = neighbours(films, 0.96)
    assert (found.films, found.pneumonias) == (FEWEST, FEWEST - 2)
    assert (found.low, found.high) == (0.95, 1)


def test_too_few_films_widen_the_neighbourhood_step_by_step() -> None:
    films = scored([0.47] * 5 + [0.43, 0.52] * 10 + [0.58] * 50, pneumonias=5)
    found = neighbours(films, 0.48)
    assert (found.films, found.pneumonias) == (25, 5)
    assert (found.low, found.high) == pytest.approx((0.4, 0.55))


@LANGUAGE
def test_where_hardly_any_film_scored_alike_no_share_is_told(language: str) -> None:
    films = scored([0.01] * 60 + [0.5] * 3, pneumonias=1)
    words = neighbours_words(neighbours(films, 0.5), len(films), language)
    assert "63" in words
    assert "33.3" not in words
    near = neighbours_words(neighbours(films, 0.01), len(films), language)
    assert "60" in near
    assert "100" in near
    assert re.search(r"\b2\b|약 2건", near), "1 of 60, in a hundred"


@pytest.mark.parametrize("probability", [0.0, 1.0, 0.05, 0.9999])
def test_every_probability_has_a_neighbourhood_that_holds_it(probability: float) -> None:
    found = neighbours(scored([0.5] * 30, 3), probability)
    assert found.low <= probability <= found.high


@LANGUAGE
def test_no_probability_is_certain(language: str) -> None:
    assert "99.9" in probability_words(1.0, language)
    assert "0.1" in probability_words(0.0, language)
    assert probability_words(0.4321, language).startswith("43.2")


@LANGUAGE
def test_each_verdict_is_explained_by_the_edge_that_made_it(language: str) -> None:
    words = {verdict: called_words(verdict, (0.123, 0.678), language) for verdict in Verdict}
    assert "12.3" in words[Verdict.NORMAL]
    assert "67.8" in words[Verdict.PNEUMONIA]
    assert "12.3" in words[Verdict.REVIEW]
    assert "67.8" in words[Verdict.REVIEW]


@LANGUAGE
def test_the_test_figures_tell_of_review_where_films_went_there(language: str) -> None:
    films = predictions(40, 60)
    summary = with_intervals(films, 0.5, samples=20)
    assert f"{100 * summary['specificity']['value']:.1f}" in measured_words(summary, language)
    reviewed = with_evidence(films, summary)
    words = measured_words(reviewed, language)
    assert f"{100 * reviewed['review']['share']:.1f}" in words
    assert f"{100 * reviewed['review']['rest']['accuracy']['value']:.1f}" in words
