"""Figures and words of two models on the same films."""

import pytest

from core.messages.catalogue import LANGUAGES
from core.metrics.classification import with_intervals
from core.metrics.paired import Comparison, Discordance, compare
from core.reporting.captions.paired import auroc_sentence, p_words, paired_sentence, paired_table
from core.reporting.charts.paired import paired_roc_chart
from core.results.evaluations import Evaluation
from tests.support.made_up import predictions

LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
FILMS = [predictions(40, 60, seed=0, apart=3), predictions(40, 60, seed=1, apart=2)]
NAMES = ("Alpha", "Beta")


def comparison(first: int, second: int, p_value: float, low: float = -0.1) -> Comparison:
    difference = {"value": (first - second) / 100, "low": -0.2, "high": 0.2}
    everything = Discordance(90 - first - second, first, second, 10, difference, p_value)
    return Comparison({"all": everything}, {"value": 0.05, "low": low, "high": 0.2})


def test_two_curves_and_two_points_differ_by_more_than_colour() -> None:
    both = [
        Evaluation(n, "test", with_intervals(f, 0.5, samples=5), f)
        for n, f in zip(NAMES, FILMS, strict=True)
    ]
    _, first, first_point, second, second_point = paired_roc_chart(both, NAMES, "en").data
    assert (first.name, second.name) == NAMES
    assert first.line.dash != second.line.dash
    assert first_point.marker.symbol != second_point.marker.symbol
    assert first_point.y[0] == pytest.approx(both[0].summary["sensitivity"]["value"])


@LANGUAGE
def test_the_table_has_a_row_a_group(language: str) -> None:
    found = compare(*FILMS, (0.5, 0.5), samples=20)
    assert found is not None
    table = paired_table(found, language)
    assert table.shape == (3, 6)
    assert table.iloc[0, :4].astype(int).sum() == 100


@LANGUAGE
def test_the_sentence_names_the_better_one_only_where_chance_would_not_do(language: str) -> None:
    same, alike, one, other = (
        paired_sentence(comparison(first, second, p), NAMES, language)
        for first, second, p in ((0, 0, 1.0), (6, 4, 0.75), (20, 4, 0.002), (4, 20, 0.0004))
    )
    assert len({same, alike, one, other}) == 4
    assert one.startswith("Alpha")
    assert other.startswith("Beta")
    assert "0.750" in alike
    assert "< 0.001" in other


@LANGUAGE
def test_the_auroc_difference_says_whether_zero_is_left_out(language: str) -> None:
    apart = auroc_sentence(comparison(1, 1, 1.0, low=0.01), NAMES, language)
    together = auroc_sentence(comparison(1, 1, 1.0, low=-0.01), NAMES, language)
    assert apart.split(".")[-2] != together.split(".")[-2]
    assert "+0.050" in apart
    assert "−0.010" in together


def test_a_small_p_is_not_written_as_zero() -> None:
    assert [p_words(p) for p in (0.0, 0.00099, 0.001, 0.05, 1.0)] == [
        "< 0.001",
        "< 0.001",
        "0.001",
        "0.050",
        "1.000",
    ]
