"""The Evaluation page, driven without a browser."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.i18n import LANGUAGES
from core.models.weights import DEFAULT_MODEL, load_card
from core.results import write_json
from tests.charts.made_up import predictions, write_evaluation
from tests.pages.conftest import run_page


def open_page(language: str = "en") -> AppTest:
    return run_page("evaluate", language)


def test_without_an_evaluation_the_page_says_what_makes_one(results: Path) -> None:
    page = open_page()
    assert not page.exception
    assert "make evaluate" in page.info[0].value
    assert not page.get("plotly_chart")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_draws_what_was_measured(results: Path, language: str) -> None:
    summary = write_evaluation(results, DEFAULT_MODEL, "test", predictions(40, 60))
    page = open_page(language)
    assert not page.exception
    assert str(summary["confusion"]["tp"]) in page.subheader[0].value
    assert len(page.get("plotly_chart")) == 4
    assert len(page.table[0].value) == 11


def test_other_results_give_another_page(results: Path) -> None:
    write_evaluation(results, DEFAULT_MODEL, "test", predictions(40, 60))
    before = open_page().subheader[0].value
    write_evaluation(results, DEFAULT_MODEL, "test", predictions(30, 20, seed=4, apart=1))
    assert open_page().subheader[0].value != before


def test_the_official_test_comes_first_and_others_can_be_chosen(results: Path) -> None:
    for dataset, pneumonia in (("elsewhere", 11), ("validation", 12), ("test", 13)):
        write_evaluation(results, DEFAULT_MODEL, dataset, predictions(10, pneumonia))
    page = open_page()
    choice = page.segmented_control[0]
    assert choice.options == ["Official test", "Held-out validation", "elsewhere"]
    assert "of 13 pneumonias" in page.subheader[0].value
    choice.set_value("elsewhere").run()
    assert "of 11 pneumonias" in page.subheader[0].value
    assert not page.exception


def test_a_link_opens_its_set_in_any_language(results: Path) -> None:
    for dataset, pneumonia in (("validation", 12), ("test", 13)):
        write_evaluation(results, DEFAULT_MODEL, dataset, predictions(10, pneumonia))
    for language in LANGUAGES:
        page = run_page("evaluate", language, set="validation")
        assert "12" in page.subheader[0].value
        assert "validation" in page.query_params["set"]


def test_one_class_alone_is_told(results: Path) -> None:
    write_evaluation(results, DEFAULT_MODEL, "ward", predictions(0, 9))
    page = open_page()
    assert not page.exception
    assert "only one class" in page.info[0].value
    assert len(page.get("plotly_chart")) == 1


@pytest.mark.parametrize("same", [True, False])
def test_figures_of_other_weights_are_marked(
    results: Path, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch, same: bool
) -> None:
    card = load_card("tiny", tiny_weights)
    monkeypatch.setattr("core.ui.evaluation.load_card", lambda name: card)
    summary = write_evaluation(results, DEFAULT_MODEL, "test", predictions(10, 10))
    if same:
        file = results / "evaluations" / DEFAULT_MODEL / "test.json"
        write_json(file, {**summary, "weights_sha256": card.sha256})
    page = open_page()
    assert any("other weights" in warning.value for warning in page.warning) != same
    assert any("finds 98.0" in line.value for line in page.markdown)
