"""Figures and words of what lies behind a model's figures."""

import pytest

from core.data.conditions import CONDITIONS
from core.messages.catalogue import LANGUAGES, text
from core.metrics.classification import with_intervals
from core.reporting.captions.evidence import (
    GROUPS,
    candidates_table,
    condition_name,
    group_name,
    groups_of,
    has_review,
    masking_sentence,
    review_table,
    stress_caption,
    subgroups_table,
)
from core.reporting.charts.evidence import review_chart, stress_chart, subgroups_chart
from core.results.model_records import Masking
from tests.support.made_up import candidate, predictions, with_evidence

FILMS = predictions(40, 60)
SUMMARY = with_evidence(FILMS, with_intervals(FILMS, 0.5, samples=20))
REST = SUMMARY["review"]["rest"]
CHOSEN = candidate(["a", "b"], plain=0.99, blur=0.91, noisy=0.95)
OTHER = candidate(["c"], plain=0.98, blur=0.93, noisy=0.85)
LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


def test_review_compares_all_films_with_those_outside_the_band() -> None:
    everything, rest = review_chart(SUMMARY, "en").data
    assert everything.x[0] == SUMMARY["accuracy"]["value"]
    assert rest.x[0] == REST["accuracy"]["value"]
    assert rest.x[0] + rest.error_x.array[0] == pytest.approx(REST["accuracy"]["high"])
    assert list(everything.y) == [0, 1, 2]
    assert all(row < below < row + 1 for row, below in zip(everything.y, rest.y, strict=True))


@LANGUAGE
def test_the_review_has_a_row_a_rate_and_a_column_a_part(language: str) -> None:
    assert review_table(SUMMARY, language).shape == (3, 2)


def test_a_rate_that_no_film_is_left_for_has_no_mark() -> None:
    undefined = {"value": None, "low": None, "high": None}
    rest = {**REST, "specificity": undefined}
    summary = {**SUMMARY, "review": {**SUMMARY["review"], "rest": rest}}
    assert [len(series.x) for series in review_chart(summary, "en").data] == [3, 2]
    assert review_table(summary, "en").iloc[2, 1] == "not defined"


@pytest.mark.parametrize("review", [None, {"n": 0, "rest": REST}, {"n": 100, "rest": None}])
def test_there_is_no_review_to_show_without_films_on_both_sides(review: object) -> None:
    assert has_review(SUMMARY)
    assert not has_review({**SUMMARY, "review": review})


@LANGUAGE
def test_subgroups_stand_in_order_with_their_pneumonias(language: str) -> None:
    dots = subgroups_chart(SUMMARY, language).data[0]
    assert list(dots.customdata) == [group_name(name, language) for name in ("bacteria", "virus")]
    assert list(dots.x) == [each["sensitivity"]["value"] for each in groups_of(SUMMARY).values()]
    assert list(subgroups_table(SUMMARY, language).iloc[:, 0]) == ["30", "30"]


def test_the_table_has_the_sensitivity_of_each_group() -> None:
    low = {"sensitivity": {"value": 0.5, "low": 0.4, "high": 0.6}}
    groups = {**SUMMARY["subgroups"], "virus": {**SUMMARY["subgroups"]["virus"], **low}}
    table = subgroups_table({**SUMMARY, "subgroups": groups}, "en")
    assert table.loc["Viral", "Sensitivity"].startswith("50.0")
    assert groups_of({}) == {}


def test_a_group_without_a_miss_still_has_an_interval() -> None:
    sure = {"sensitivity": {"value": 1.0, "low": 1.0, "high": 1.0}}
    groups = {"virus": {**SUMMARY["subgroups"]["virus"], "confusion": {"tp": 70, "fn": 0}, **sure}}
    summary = {**SUMMARY, "subgroups": groups}
    dot = subgroups_chart(summary, "en").data[0]
    assert dot.error_x.arrayminus[0] == pytest.approx(1 - 0.948, abs=1e-3)
    assert "94.8" in subgroups_table(summary, "en").iloc[0, 1]


@LANGUAGE
def test_every_group_and_condition_has_a_name(language: str) -> None:
    for name in GROUPS:
        assert group_name(name, language) != name
    for name in CONDITIONS:
        assert condition_name(name, language) != name
    assert condition_name("moonlight", language) == "moonlight"


def test_stress_puts_the_worst_condition_on_top_and_others_beside() -> None:
    others, chosen = stress_chart(CHOSEN, [OTHER], "en").data
    assert list(chosen.customdata) == ["Blurred", "Noise", "Plain"]
    assert list(chosen.x) == [0.91, 0.95, 0.99]
    assert list(others.x) == [0.93, 0.85, 0.98]
    assert (others.marker.symbol, chosen.marker.symbol) == ("circle-open", "circle")
    assert len(stress_chart(CHOSEN, [], "en").data) == 1


def test_stress_in_words_tells_the_worst() -> None:
    caption = stress_caption(CHOSEN, 654, "en")
    assert "Blurred, AUROC 0.910" in caption
    assert "n = 654" in caption
    assert "n =" not in stress_caption(CHOSEN, None, "en")


@LANGUAGE
def test_the_candidates_are_listed_and_one_is_chosen(language: str) -> None:
    table = candidates_table(CHOSEN, [OTHER], language)
    assert list(table.index) == [text(language, "evaluation.choice.chosen", runs="a + b"), "c"]
    assert list(table.iloc[:, 0]) == ["0.9100", "0.8500"]


@LANGUAGE
def test_the_heatmaps_sentence_counts_films(language: str) -> None:
    masking = Masking(films=50, hot_share=0.2, lowered={"layer_cam": 0.86}, random_masks=10)
    sentence = masking_sentence(masking, "layer_cam", "LayerCAM", language)
    for part in ("LayerCAM", "43", "50", "86.0", "20", "10"):
        assert part in sentence
