"""The Evaluation page, driven without a browser."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.i18n import LANGUAGES, text
from core.models.weights import DEFAULT_MODEL, ModelCard, load_card
from core.results import write_json
from tests.charts.made_up import (
    candidate,
    predictions,
    with_evidence,
    write_choice,
    write_evaluation,
)
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
    monkeypatch.setattr("core.ui.models.load_card", lambda name: card)
    summary = write_evaluation(results, DEFAULT_MODEL, "test", predictions(10, 10))
    if same:
        file = results / "evaluations" / DEFAULT_MODEL / "test.json"
        write_json(file, {**summary, "weights_sha256": card.sha256})
    page = open_page()
    assert any("other weights" in warning.value for warning in page.warning) != same
    assert any("finds 98.0" in line.value for line in page.markdown)


def headings(page: AppTest) -> list[str]:
    return [line.value[5:] for line in page.markdown if line.value.startswith("#### ")]


@pytest.fixture
def card(tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> ModelCard:
    """The card that every model's name stands for."""
    found = load_card("tiny", tiny_weights)
    monkeypatch.setattr("core.ui.models.load_card", lambda name: found)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_was_measured_is_shown(
    results: Path, card: ModelCard, language: str
) -> None:
    films = predictions(40, 60)
    summary = write_evaluation(results, DEFAULT_MODEL, "test", films)
    file = results / "evaluations" / DEFAULT_MODEL / "test.json"
    write_json(file, with_evidence(films, summary))
    other = predictions(40, 60, seed=1)
    write_evaluation(results, f"{DEFAULT_MODEL}@1", "test", other, weights_sha256="b" * 64)
    chosen = candidate(list(card.runs), plain=0.9, blur=0.8)
    write_choice(results, "recipe", [chosen, candidate(["x"], plain=0.9, blur=0.7)], [card.run])
    (results / "masking").mkdir()
    masking = {"weights_sha256": card.sha256, "films": 50, "hot_share": 0.2, "lowered": 0.86}
    write_json(results / "masking" / "tiny.json", {**masking, "random_masks": 10})
    page = open_page(language)
    assert not page.exception
    sections = ("review", "subgroups", "seeds", "stress", "choice", "heatmaps")
    assert headings(page)[-6:] == [text(language, f"evaluation.heading.{s}") for s in sections]
    assert len(page.get("plotly_chart")) == 4 + 4
    assert "Which recipe?" in "\n".join(line.value for line in page.markdown)


def test_what_was_not_measured_is_left_out(results: Path, card: ModelCard) -> None:
    write_evaluation(results, DEFAULT_MODEL, "test", predictions(40, 60))
    page = open_page()
    assert not page.exception
    assert len(headings(page)) == 5
    assert len(page.get("plotly_chart")) == 4


def test_models_are_called_by_their_architecture(
    tiny_weights: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = load_card("tiny", tiny_weights)
    three = replace(tiny, architecture="ensemble", members=("a", "b", "c"))
    cards = {
        DEFAULT_MODEL: three,
        "a": tiny,
        "b": tiny,
        "c": replace(tiny, architecture="vgg16_bn"),
    }
    monkeypatch.setattr("core.ui.models.load_card", cards.__getitem__)
    assert "Ensemble of 3: ResNet18 × 2, VGG16-BN" in open_page().markdown[0].value
    cards[DEFAULT_MODEL] = tiny
    assert "ResNet18, 64 px" in open_page().markdown[0].value
