"""What a threshold does, against counts by hand, scikit-learn, scipy and Bayes' rule."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix

from core.metrics.classification import with_intervals
from core.metrics.logits import sigmoid
from core.metrics.operating_points import (
    RATES,
    at_prevalence,
    bayes,
    count_at,
    figures_at,
    films_in,
    net_benefit,
)
from core.metrics.rates import wilson_of
from core.models.weights import DEFAULT_MODEL
from core.results.evaluations import read_evaluations
from core.results.folder import RESULTS_FOLDER
from tests.support.made_up import predictions

FILMS = predictions(40, 60, apart=2)
UNDEFINED = {"value": None, "low": None, "high": None}


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.5, 0.9, 1.0])
def test_counts_are_scikit_learns_at_any_threshold(threshold: float) -> None:
    called = sigmoid(FILMS["logit"]) >= threshold
    tn, fp, fn, tp = confusion_matrix(FILMS["truth"], called, labels=[0, 1]).ravel()
    counts = figures_at(count_at(FILMS, threshold, samples=5))["confusion"]
    assert counts == {"tn": tn, "fp": fp, "fn": fn, "tp": tp}


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7])
def test_intervals_are_those_that_evaluations_write(threshold: float) -> None:
    written = with_intervals(FILMS, threshold, samples=50)
    figures = figures_at(count_at(FILMS, threshold, samples=50))
    assert {name: figures[name] for name in RATES} == {name: written[name] for name in RATES}
    assert (figures["n"], figures["patients"]) == (written["n"], written["patients"])


@pytest.mark.parametrize("dataset", sorted(read_evaluations(DEFAULT_MODEL, RESULTS_FOLDER)))
def test_at_the_models_operating_point_they_are_the_published_ones(dataset: str) -> None:
    folder = RESULTS_FOLDER / "evaluations" / DEFAULT_MODEL
    written = json.loads((folder / f"{dataset}.json").read_text(encoding="utf-8"))
    figures = figures_at(count_at(pd.read_csv(folder / f"{dataset}.csv"), written["threshold"]))
    assert figures["confusion"] == written["confusion"]
    assert {name: figures[name] for name in RATES} == {name: written[name] for name in RATES}


def test_a_threshold_of_0_calls_all_and_of_1_none() -> None:
    everything, nothing = (
        figures_at(count_at(FILMS, 0.0, samples=20)),
        figures_at(count_at(FILMS, 1.0, samples=20)),
    )
    assert everything["sensitivity"]["value"] == nothing["specificity"]["value"] == 1
    assert everything["specificity"]["value"] == nothing["sensitivity"]["value"] == 0
    assert everything["npv"] == nothing["ppv"] == UNDEFINED
    assert everything["ppv"]["value"] == pytest.approx(0.6)


@pytest.mark.parametrize(("part", "whole"), [(0, 1), (1, 1), (0, 20), (2, 3), (400, 400)])
def test_a_wilson_interval_is_that_of_scipy(part: int, whole: int) -> None:
    low, high = wilson_of(part, whole)
    wilson = binomtest(part, whole).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((wilson.low, wilson.high), abs=6e-7)
    assert 0 <= low <= part / whole <= high <= 1
    assert high - low > 0


def test_without_spread_the_interval_is_wilsons_and_no_point() -> None:
    figure = figures_at(count_at(FILMS, 0.0, samples=20))["sensitivity"]
    wilson = binomtest(60, 60).proportion_ci(method="wilson")
    assert (figure["low"], figure["high"]) == pytest.approx((wilson.low, 1.0), abs=1e-6)
    assert figure["low"] < 0.95


def test_a_class_without_films_has_no_rate() -> None:
    figures = figures_at(count_at(predictions(0, 9), 0.5, samples=20))
    assert figures["specificity"] == UNDEFINED
    assert at_prevalence(count_at(predictions(0, 9), 0.5, samples=20), 0.1) == {
        "ppv": UNDEFINED,
        "npv": UNDEFINED,
    }


@pytest.mark.parametrize("prevalence", [0.01, 0.1, 0.5, 0.99])
def test_another_prevalence_is_another_mix_of_the_same_films(prevalence: float) -> None:
    """Bayes' rule against a set in which each class is counted as often as the share says."""
    counts = figures_at(count_at(FILMS, 0.5, samples=5))["confusion"]
    ill, well = 100_000 * prevalence / 60, 100_000 * (1 - prevalence) / 40
    tp, fn, fp, tn = (
        counts[c] * w for c, w in zip(("tp", "fn", "fp", "tn"), (ill, ill, well, well), strict=True)
    )
    figures = at_prevalence(count_at(FILMS, 0.5, samples=200), prevalence)
    assert figures["ppv"]["value"] == pytest.approx(tp / (tp + fp), abs=1e-6)
    assert figures["npv"]["value"] == pytest.approx(tn / (tn + fn), abs=1e-6)
    for figure in figures.values():
        assert figure["low"] < figure["value"] < figure["high"]


def test_at_the_sets_own_prevalence_nothing_changes() -> None:
    figures, here = (
        at_prevalence(count_at(FILMS, 0.5, samples=20), 0.6),
        figures_at(count_at(FILMS, 0.5, samples=20)),
    )
    for name in ("ppv", "npv"):
        assert figures[name]["value"] == pytest.approx(here[name]["value"], abs=1e-6)


def test_where_all_or_none_are_ill_the_values_are_sure() -> None:
    sure, never = ({"value": v, "low": v, "high": v} for v in (1.0, 0.0))
    assert at_prevalence(count_at(FILMS, 0.5, samples=50), 0.0) == {"ppv": never, "npv": sure}
    assert at_prevalence(count_at(FILMS, 0.5, samples=50), 1.0) == {"ppv": sure, "npv": never}
    assert at_prevalence(count_at(FILMS, 1.0, samples=50), 0.0) == {"ppv": UNDEFINED, "npv": sure}


def test_a_perfect_model_keeps_its_doubt_at_another_prevalence() -> None:
    perfect = predictions(20, 20, apart=40)
    assert figures_at(count_at(perfect, 0.5, samples=20))["accuracy"]["value"] == 1
    rare = at_prevalence(count_at(perfect, 0.5, samples=20), 0.01)
    assert rare["ppv"]["value"] == 1
    low = binomtest(20, 20).proportion_ci(method="wilson").low
    assert rare["ppv"]["low"] == pytest.approx(
        0.01 * low / (0.01 * low + 0.99 * (1 - low)), abs=1e-5
    )
    assert rare["ppv"]["low"] < 0.1, "twenty normal films do not tell one alarm in a hundred"


def test_bayes_takes_arrays_and_is_silent_about_nothing() -> None:
    both = bayes(np.array([0.0, 1.0]), np.array([1.0, 0.5]), 0.5)
    assert np.isnan(both["ppv"][0])
    assert both["ppv"][1] == pytest.approx(2 / 3)
    assert both["npv"].tolist() == [0.5, 1.0]


def test_net_benefit_is_what_vickers_and_elkin_count() -> None:
    counts = figures_at(count_at(FILMS, 0.25, samples=5))["confusion"]
    row = net_benefit(FILMS, [0.25]).iloc[0]
    assert row["model"] == pytest.approx(counts["tp"] / 100 - counts["fp"] / 100 / 3)
    assert row["all"] == pytest.approx(0.6 - 0.4 / 3)
    start = net_benefit(FILMS, [0.0]).iloc[0]
    assert start["model"] == start["all"] == pytest.approx(0.6)


@pytest.mark.parametrize("cell", ["tn", "fp", "fn", "tp"])
def test_a_cell_lists_its_films_the_worst_first(cell: str) -> None:
    found = films_in(FILMS, 0.5, cell)
    assert len(found) == figures_at(count_at(FILMS, 0.5, samples=5))["confusion"][cell] > 1
    probability = found["probability"].to_numpy()
    ill = cell in ("fn", "tp")
    assert (np.diff(probability) >= 0).all() == ill
    assert ((probability >= 0.5) == (cell in ("fp", "tp"))).all()


def test_the_cells_hold_every_film_once() -> None:
    images = pd.concat([films_in(FILMS, 0.37, cell)["image"] for cell in ("tn", "fp", "fn", "tp")])
    assert sorted(images) == sorted(FILMS["image"])
    assert films_in(FILMS, 0.0, "fn").empty
    assert films_in(FILMS, 1.0, "fp").empty


def test_films_too_sure_to_tell_apart_are_ordered_by_their_logits() -> None:
    sure = pd.DataFrame(
        {"image": list("abc"), "patient": list("abc"), "truth": 0, "logit": [50.0, 70.0, 60.0]}
    )
    assert films_in(sure, 0.5, "fp")["image"].tolist() == ["b", "c", "a"]
