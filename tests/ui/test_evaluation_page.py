"""The Evaluation page, driven without a browser."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.data.folder import DATA_FOLDER_VARIABLE, list_films
from core.inference.model import Diagnostician
from core.messages.catalogue import LANGUAGES, text
from core.metrics.classification import with_intervals
from core.metrics.logits import sigmoid
from core.metrics.operating_points import count_at, figures_at, films_in
from core.models.weights import DEFAULT_MODEL, ModelCard, load_card
from core.reporting.captions.evaluation import FIRST_FIGURES
from core.reporting.numbers import percent, written
from core.results.folder import write_json
from tests.support.made_up import (
    candidate,
    predictions,
    with_evidence,
    write_choice,
    write_evaluation,
)
from tests.support.networks import forbid_networks
from tests.ui.conftest import run_page


def open_page(language: str = "en") -> AppTest:
    return run_page("evaluation_page", language)


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
    right = written("accuracy", summary["accuracy"]["value"], language)
    assert right in page.title[0].value
    assert [metric.value for metric in page.metric] == [
        written(name, summary[name]["value"], language) for name in FIRST_FIGURES
    ]
    assert all(metric.delta for metric in page.metric), "each has its interval"
    assert len(page.get("plotly_chart")) == 1 + 4
    assert len(page.table[0].value) == 11, "all figures"
    assert len(page.table[1].value) == 5, "rates at the threshold"


def test_other_results_give_another_page(results: Path) -> None:
    write_evaluation(results, DEFAULT_MODEL, "test", predictions(40, 60))
    before = open_page().title[0].value
    write_evaluation(results, DEFAULT_MODEL, "test", predictions(30, 20, seed=4, apart=1))
    assert open_page().title[0].value != before


def test_the_official_test_comes_first_and_others_can_be_chosen(results: Path) -> None:
    for dataset, pneumonia in (("elsewhere", 11), ("validation", 12), ("test", 13)):
        write_evaluation(results, DEFAULT_MODEL, dataset, predictions(10, pneumonia))
    page = open_page()
    choice = page.segmented_control[0]
    assert choice.options == ["Official test", "Held-out validation", "elsewhere"]
    assert "13 pneumonias" in matrix_words(page)
    choice.set_value("elsewhere").run()
    assert "11 pneumonias" in matrix_words(page)
    assert not page.exception


def test_a_link_opens_its_set_in_any_language(results: Path) -> None:
    for dataset, pneumonia in (("validation", 12), ("test", 13)):
        write_evaluation(results, DEFAULT_MODEL, dataset, predictions(10, pneumonia))
    for language in LANGUAGES:
        page = run_page("evaluation_page", language, set="validation")
        assert "12" in matrix_words(page)
        assert "validation" in page.query_params["set"]


def test_one_class_alone_is_told(results: Path) -> None:
    write_evaluation(results, DEFAULT_MODEL, "ward", predictions(0, 9))
    page = open_page()
    assert not page.exception
    assert "only one class" in page.info[-1].value
    assert len(page.get("plotly_chart")) == 1


@pytest.mark.parametrize("same", [True, False])
def test_figures_of_other_weights_are_marked(
    results: Path, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch, same: bool
) -> None:
    card = load_card("tiny", tiny_weights)
    monkeypatch.setattr("core.ui.frame.model_names.load_card", lambda name: card)
    summary = write_evaluation(results, DEFAULT_MODEL, "test", predictions(10, 10))
    if same:
        file = results / "evaluations" / DEFAULT_MODEL / "test.json"
        write_json(file, {**summary, "weights_sha256": card.sha256})
    page = open_page()
    assert any("other weights" in warning.value for warning in page.warning) != same
    assert any("equally frequent" in line.value for line in page.markdown)


def matrix_words(page: AppTest) -> str:
    """The confusion matrix as who cannot see it is told."""
    return str(page.get("plotly_chart")[0].proto.alt)


def shown_films(page: AppTest) -> tuple[int, int]:
    """How many films are shown, and how many pictures of them."""
    drawn = "".join(part.proto.body for part in page.get("html"))
    return drawn.count("<figure"), drawn.count("<img")


def headings(page: AppTest) -> list[str]:
    return [line.value[3:] for line in page.markdown if line.value.startswith("## ")]


@pytest.fixture
def card(tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> ModelCard:
    """The card that every model's name stands for."""
    found = load_card("tiny", tiny_weights)
    monkeypatch.setattr("core.ui.frame.model_names.load_card", lambda name: found)
    return found


def write_frames_and_heat(results: Path, sha256: str) -> None:
    """Write what frames do to verdicts, and where the heat lies."""
    share = {"n": 40, "value": 0.91, "low": 0.85, "high": 0.95}
    outcomes = dict.fromkeys(("unchanged", "class_changed", "silent"), share)
    frames = {"weights_sha256": sha256, "dataset": "test", "films": 40, "patients": 30}
    folder = results / "evaluations" / "tiny"
    folder.mkdir(parents=True)
    write_json(folder / "frames.json", {**frames, "frames": {"marked": outcomes, "all": outcomes}})
    (results / "heat").mkdir()
    figures = {"films": 42, "without_heat": 2, "share": share, "hottest": share}
    heat = {"weights_sha256": sha256, "method": "cam", "sets": {"test": figures}}
    write_json(results / "heat" / "tiny.json", heat)


@pytest.mark.parametrize("language", LANGUAGES)
def test_frames_and_heat_are_told_with_their_intervals(
    results: Path, card: ModelCard, language: str
) -> None:
    write_evaluation(results, DEFAULT_MODEL, "test", predictions(40, 60))
    write_frames_and_heat(results, card.sha256)
    page = run_page("evaluation_page", language, part="robustness")
    assert not page.exception
    together, each = page.table[-2].value, page.table[-1].value
    assert list(together.index) == [text(language, "evaluation.frames.all")]
    assert len(each) == 1
    for table in (together, each):
        assert "91.0" in table.iloc[0, 0]
        assert "85.0" in table.iloc[0, 0]
    sentence = next(line.value for line in page.markdown if "pulmonology" in line.value)
    assert "91.0" in sentence
    assert "40" in sentence


def test_a_set_from_elsewhere_is_shown_beside_its_thumbnails(results: Path) -> None:
    summary = write_evaluation(results, DEFAULT_MODEL, "nih_adult", predictions(40, 60))
    auroc = {"value": 0.83, "low": 0.8, "high": 0.86}
    thumbnail = {"side_px": 8, "folds": 5, "auroc": auroc}
    file = results / "evaluations" / DEFAULT_MODEL / "nih_adult.json"
    write_json(file, {**summary, "thumbnail": thumbnail, "views": None})
    told = run_page("evaluation_page", part="groups").table[2].value
    assert "8 × 8" in told.index[-1]
    assert "0.83" in told.iloc[-1, 1]
    assert list(told.loc["AP only"]) == ["–", "–"], "which view a film has is not known"


def test_a_set_by_view_stands_beside_its_thumbnails(results: Path) -> None:
    films = predictions(40, 60)
    summary = write_evaluation(results, DEFAULT_MODEL, "nih_adult", films)
    views = {"AP": with_intervals(films.iloc[:50], 0.5, 5), "PA": with_intervals(films, 0.5, 5)}
    file = results / "evaluations" / DEFAULT_MODEL / "nih_adult.json"
    write_json(file, {**summary, "thumbnail": None, "views": views})
    told = run_page("evaluation_page", part="groups").table[2].value
    assert list(told.iloc[:, 0]) == ["100", "50", "100", "–"]


def test_a_set_on_which_the_model_guesses_says_so_in_the_headline(results: Path) -> None:
    films = predictions(40, 60)
    write_evaluation(results, DEFAULT_MODEL, "nih_adult", films.assign(logit=-films["logit"]))
    headline = open_page().title[0].value
    assert "no better than chance" in headline
    assert "Do not use" in headline


def test_the_headline_follows_the_rule_of_the_diagnosis_page(results: Path) -> None:
    films = predictions(40, 60)
    summary = with_evidence(films, write_evaluation(results, DEFAULT_MODEL, "test", films))
    write_json(results / "evaluations" / DEFAULT_MODEL / "test.json", summary)
    review = summary["review"]
    right = written("accuracy", review["rest"]["accuracy"]["value"], "en")
    assert open_page().title[0].value == text(
        "en", "evaluation.headline.review", right=right, share=percent(review["share"], "en")
    )


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
    masking = {
        "weights_sha256": card.sha256,
        "films": 50,
        "hot_share": 0.2,
        "lowered": {"grad_cam": 0.86},
    }
    write_json(results / "masking" / "tiny.json", {**masking, "random_masks": 10})
    write_frames_and_heat(results, card.sha256)
    shown = {
        "groups": ("review", "subgroups"),
        "robustness": ("frames", "heatmaps", "stress"),
    }
    for part, sections in shown.items():
        page = run_page("evaluation_page", language, part=part)
        assert not page.exception
        named = [text(language, f"evaluation.heading.{section}") for section in sections]
        assert headings(page)[-len(sections) :] == named
    why = text(language, "evaluation.why.recipe")
    assert why in "\n".join(line.value for line in page.markdown)


@pytest.mark.parametrize("part", ["groups", "models", "robustness"])
def test_what_was_not_measured_is_said_to_be_missing(
    results: Path, card: ModelCard, part: str
) -> None:
    write_evaluation(results, DEFAULT_MODEL, "test", predictions(40, 60))
    page = run_page("evaluation_page", part=part)
    assert not page.exception
    assert len(page.get("plotly_chart")) == 1
    keys = ("evaluation.none_measured", "paired.alone", "evaluation.stress_missing")
    told = [text("en", key) for key in keys]
    assert any(words in page.markdown[-1].value for words in told)


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
    monkeypatch.setattr("core.ui.frame.model_names.load_card", cards.__getitem__)
    monkeypatch.setattr("core.ui.frame.model_names.shipped_models", lambda: tuple(cards))
    write_evaluation(results, DEFAULT_MODEL, "test", predictions(10, 10))
    assert "Ensemble of 3: ResNet18 × 2, VGG16-BN" in open_page().caption[0].value
    cards[DEFAULT_MODEL] = tiny
    words = f"ResNet18, 64 px ({DEFAULT_MODEL})"
    assert words in open_page().caption[0].value, "a and b are alike"
    del cards["a"], cards["b"]
    assert "ResNet18, 64 px ·" in open_page().caption[0].value


FILMS = predictions(40, 60, apart=2)


@pytest.fixture
def measured(results: Path) -> Path:
    """Two models measured on one set."""
    write_evaluation(results, DEFAULT_MODEL, "test", FILMS)
    write_evaluation(results, "densenet121", "test", predictions(40, 60, seed=1), threshold=0.4)
    return results


def cells_of(page: AppTest) -> list[int]:
    """The counts of the matrix, as who cannot see it is told."""
    negatives, tn, fp, positives, tp, fn = map(int, re.findall(r"\d+", matrix_words(page)))
    assert (negatives, positives) == (tn + fp, tp + fn) == (40, 60)
    return [tn, fp, fn, tp]


def what_if(page: AppTest) -> dict[str, Any]:
    """What the browser counts with."""
    return dict(json.loads(page.get("bidi_component")[0].proto.json))


def test_the_threshold_of_the_address_moves_matrix_and_rates(measured: Path) -> None:
    page = open_page()
    before, table = cells_of(page), page.table[1].value
    assert before == list(figures_at(count_at(FILMS, 0.5, samples=2))["confusion"].values())
    assert what_if(page)["start"]["threshold"] == what_if(page)["point"] == 0.5
    page = run_page("evaluation_page", threshold="0.9")
    assert not page.exception
    assert cells_of(page) == list(figures_at(count_at(FILMS, 0.9, samples=2))["confusion"].values())
    assert not page.table[1].value.equals(table)
    assert what_if(page)["start"]["threshold"] == 0.9
    assert what_if(page)["point"] == 0.5, "the model keeps its own"


def test_the_browser_counts_the_films_that_were_measured(measured: Path) -> None:
    told = what_if(open_page())
    assert told["films"]["truth"] == FILMS["truth"].tolist()
    assert told["films"]["probability"] == pytest.approx(sigmoid(FILMS["logit"]).tolist(), abs=1e-5)


@pytest.mark.parametrize(("threshold", "cells"), [("0", [0, 40, 0, 60]), ("1", [40, 0, 60, 0])])
def test_the_ends_of_the_scale_call_all_or_none(
    measured: Path, threshold: str, cells: list[int]
) -> None:
    page = run_page("evaluation_page", threshold=threshold)
    assert not page.exception
    assert cells_of(page) == cells
    assert "not defined" in page.table[1].value.to_string()


@pytest.mark.parametrize(("language", "prevalence"), [("en", "0"), ("ko", "8"), ("en", "100")])
def test_the_readers_prevalence_is_where_the_address_says(
    measured: Path, language: str, prevalence: str
) -> None:
    page = run_page("evaluation_page", language, prevalence=prevalence)
    assert not page.exception
    assert what_if(page)["start"]["prevalence"] == float(prevalence) / 100
    assert page.query_params["prevalence"] in (prevalence, [prevalence])


WRONG = {"threshold": "2", "cell": "xy", "part": "xy", "second": "xy"}


@pytest.mark.parametrize("prevalence", ["nan", "many", "-3"])
def test_an_address_that_makes_no_sense_is_the_plain_page(measured: Path, prevalence: str) -> None:
    page = run_page("evaluation_page", **{**WRONG, "prevalence": prevalence})
    assert not page.exception
    assert cells_of(page) == list(figures_at(count_at(FILMS, 0.5, samples=2))["confusion"].values())
    assert what_if(page)["start"]["prevalence"] == 0.1


def test_a_cell_lists_its_films_the_worst_first(measured: Path) -> None:
    page = run_page("evaluation_page", cell="fn")
    assert not page.exception
    listed = page.dataframe[0].value
    found = films_in(FILMS, 0.5, "fn")
    assert listed["Film"].tolist() == found["image"].tolist()
    assert shown_films(page) == (0, 0), "no grey boxes for films that are not here"
    page.segmented_control(key="cell").set_value("tp").run()
    assert len(page.dataframe[0].value) == len(films_in(FILMS, 0.5, "tp"))
    assert page.query_params["cell"] == "tp"


def test_a_cell_without_films_says_so(measured: Path) -> None:
    page = run_page("evaluation_page", cell="fn", threshold="0")
    assert not page.exception
    assert not page.dataframe
    assert any("No film lies in this cell" in info.value for info in page.info)


@pytest.fixture
def tiny_films(tiny_data: Path, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The test films of the tiny data folder, with which the page works, its model a tiny one."""
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tiny_data))
    tiny = Diagnostician.load("tiny", tiny_weights)
    monkeypatch.setattr("core.ui.evaluation.cell_films.shared_diagnostician", lambda name: tiny)
    return [path.relative_to(tiny_data).as_posix() for path in list_films(tiny_data / "test")]


def test_films_are_shown_with_their_heatmaps_a_page_at_a_time(
    results: Path, tiny_films: list[str]
) -> None:
    films = predictions(3, 3, apart=8).assign(image=tiny_films)
    films.loc[0, "image"] = "test/NORMAL/gone.png"
    films.loc[1, "image"] = "../outside.png"
    write_evaluation(results, DEFAULT_MODEL, "test", films)
    page = run_page("evaluation_page", cell="tp")
    assert not page.exception
    assert shown_films(page) == (3, 3)
    page.toggle(key="cell_heat").set_value(True).run()
    assert not page.exception
    assert shown_films(page) == (3, 6), "each with its heat"
    page.segmented_control(key="cell").set_value("tn").run()
    assert not page.exception
    assert shown_films(page)[0] == 1, "one film is gone, and one lies outside of the folder"
    told = " ".join(line.value for line in page.markdown)
    assert "gone.png" in told
    assert "outside.png" in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_models_stand_side_by_side(measured: Path, language: str) -> None:
    page = run_page("evaluation_page", language, part="models")
    assert not page.exception
    assert page.selectbox(key="second").value == "densenet121"
    assert len(page.get("plotly_chart")) == 1 + 1
    assert len(page.table[-1].value) == 3


def test_a_model_that_has_read_other_films_is_told(results: Path) -> None:
    write_evaluation(results, DEFAULT_MODEL, "test", FILMS)
    elsewhere = FILMS.assign(image="elsewhere/" + FILMS["image"])
    write_evaluation(results, "densenet121", "test", elsewhere)
    page = run_page("evaluation_page", part="models")
    assert not page.exception
    assert "has not read any of these films" in page.info[-1].value


def test_neither_a_slider_nor_the_language_runs_a_network(
    results: Path, tiny_films: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    films = predictions(3, 3, apart=8).assign(image=tiny_films)
    write_evaluation(results, DEFAULT_MODEL, "test", films)
    page = run_page("evaluation_page", cell="tp")
    page.toggle(key="cell_heat").set_value(True).run()
    assert shown_films(page) == (3, 6)
    forbid_networks(monkeypatch)
    page.session_state["language"] = "ko"
    page.run()
    assert not page.exception
    assert shown_films(page) == (3, 6), "the heat of before"
    page.toggle(key="cell_heat").set_value(False)
    for state, value in (("threshold", 0.9), ("prevalence", 3.0)):
        page.session_state[state] = value
        page.run()
        assert not page.exception
        assert page.session_state[state] == value
