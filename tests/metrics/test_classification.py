"""Figures of merit against counts that a person can make by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from core.metrics.classification import (
    CALIBRATION_BINS,
    METRICS,
    all_metrics,
    calibration_bins,
    confusion,
    expected_calibration_error,
    precision_recall,
    ranking,
    rates,
    roc,
    with_intervals,
)
from core.metrics.logits import sigmoid

# Ten films: six pneumonias, four normal. At 0.5: tp 4, fn 2, fp 1, tn 3.
TRUTH = np.array([1, 1, 1, 1, 1, 1, 0, 0, 0, 0])
PROBABILITY = np.array([0.9, 0.8, 0.7, 0.5, 0.4, 0.2, 0.6, 0.3, 0.1, 0.0])


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def table(truth: list[int], logits: list[float], patients: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"patient": patients, "truth": truth, "logit": logits})


def test_sigmoid_is_exact_in_the_middle_and_calm_at_the_ends() -> None:
    assert sigmoid([0.0, math.log(3)]) == pytest.approx([0.5, 0.75])
    assert sigmoid([-1000.0, 1000.0]).tolist() == [0.0, 1.0]


def test_the_confusion_matrix_counts_films() -> None:
    assert confusion(TRUTH, PROBABILITY, 0.5) == {"tn": 3, "fp": 1, "fn": 2, "tp": 4}


def test_a_probability_on_the_threshold_is_pneumonia() -> None:
    counts = confusion(np.array([1, 0]), np.array([0.5, 0.5]), 0.5)
    assert counts == {"tn": 0, "fp": 1, "fn": 0, "tp": 1}
    just_over = np.nextafter(0.5, 1)
    assert confusion(np.array([1]), np.array([0.5]), just_over)["fn"] == 1


def test_rates_are_shares_of_the_confusion_matrix() -> None:
    assert rates({"tn": 3, "fp": 1, "fn": 2, "tp": 4}) == {
        "accuracy": 7 / 10,
        "sensitivity": 4 / 6,
        "specificity": 3 / 4,
        "ppv": 4 / 5,
        "npv": 3 / 5,
        "f1": 8 / 11,
    }


@pytest.mark.parametrize(
    ("counts", "undefined"),
    [
        ({"tn": 2, "fp": 1, "fn": 0, "tp": 0}, {"sensitivity"}),
        ({"tn": 0, "fp": 0, "fn": 1, "tp": 2}, {"specificity"}),
        ({"tn": 2, "fp": 0, "fn": 1, "tp": 0}, {"ppv"}),
        ({"tn": 0, "fp": 1, "fn": 0, "tp": 1}, {"npv"}),
        ({"tn": 2, "fp": 0, "fn": 0, "tp": 0}, {"sensitivity", "ppv", "f1"}),
    ],
)
def test_a_rate_without_films_behind_it_is_nan(
    counts: dict[str, float], undefined: set[str]
) -> None:
    assert {name for name, rate in rates(counts).items() if math.isnan(rate)} == undefined


def test_auroc_is_the_share_of_pairs_in_the_right_order() -> None:
    # Of 6 x 4 pairs, 0.6 stands over 0.5, 0.4 and 0.2, and 0.3 over 0.2: 20 of 24 are right.
    assert ranking(TRUTH, PROBABILITY)["auroc"] == pytest.approx(20 / 24)


def test_a_tie_is_half_a_right_pair() -> None:
    figures = ranking(np.array([1, 0, 0]), np.array([0.5, 0.5, 0.1]))
    assert figures["auroc"] == pytest.approx(1.5 / 2)
    assert figures["auprc"] == pytest.approx(1 / 2)


def test_auprc_is_the_precision_averaged_over_the_pneumonias() -> None:
    # From the top: + + + - + + - + - -, so the precision at each pneumonia is
    by_hand = (1 / 1 + 2 / 2 + 3 / 3 + 4 / 5 + 5 / 6 + 6 / 8) / 6
    assert ranking(TRUTH, PROBABILITY)["auprc"] == pytest.approx(by_hand)


def test_brier_score_and_log_loss_by_hand() -> None:
    figures = all_metrics(np.array([1, 0]), np.array([0.8, 0.4]), 0.5)
    assert figures["brier"] == pytest.approx((0.2**2 + 0.4**2) / 2)
    assert figures["log_loss"] == pytest.approx(-(math.log(0.8) + math.log(0.6)) / 2)


def test_a_certain_error_costs_much_but_not_infinity() -> None:
    cost = all_metrics(np.array([1, 0]), np.array([0.0, 0.0]), 0.5)["log_loss"]
    assert 15 < cost < 20


def test_the_figures_are_those_of_scikit_learn(random: np.random.Generator) -> None:
    truth = random.integers(0, 2, 300)
    probability = random.random(300).round(2)  # with ties
    weight = random.integers(0, 4, 300).astype(float)
    figures = all_metrics(truth, probability, 0.5, weight)
    for name, theirs in (
        ("auroc", roc_auc_score),
        ("auprc", average_precision_score),
        ("brier", brier_score_loss),
        ("log_loss", log_loss),
    ):
        assert figures[name] == pytest.approx(theirs(truth, probability, sample_weight=weight))


def test_ranking_needs_both_classes() -> None:
    figures = all_metrics(np.array([1, 1]), np.array([0.9, 0.2]), 0.5)
    assert {name for name, value in figures.items() if math.isnan(value)} == {
        "specificity",
        "auroc",
        "auprc",
    }


def test_ranking_needs_both_classes_among_the_films_that_count() -> None:
    figures = ranking(np.array([1, 0]), np.array([0.9, 0.2]), np.array([1.0, 0.0]))
    assert math.isnan(figures["auroc"])
    assert math.isnan(figures["auprc"])


def test_ece_by_hand() -> None:
    # Bins are 1/15 = 0.0667 wide. 0.01 and 0.05 share the first: mean 0.03, none of them ill.
    # 0.95 and 0.99 share the last: mean 0.97, half of them ill. 0.5 is alone and ill.
    truth = np.array([0, 0, 1, 1, 0])
    probability = np.array([0.01, 0.05, 0.5, 0.95, 0.99])
    by_hand = (2 * 0.03 + 1 * 0.5 + 2 * (0.97 - 0.5)) / 5
    assert expected_calibration_error(truth, probability) == pytest.approx(by_hand)


def test_calibration_bins_hold_both_ends() -> None:
    bins = calibration_bins(np.array([0, 1, 1]), np.array([0.0, 1.0, 14.5 / 15]))
    assert bins["n"].tolist() == [1, 2]
    assert bins["predicted"].tolist() == pytest.approx([0, (1 + 14.5 / 15) / 2])
    assert bins["observed"].tolist() == [0, 1]
    assert expected_calibration_error(np.array([0, 1]), np.array([0.0, 1.0])) == 0
    assert expected_calibration_error(np.array([1, 0]), np.array([0.0, 1.0])) == 1


def test_a_bin_starts_at_its_lower_edge() -> None:
    inside = np.nextafter(3 / 15, 0)
    bins = calibration_bins(np.array([0, 0]), np.array([inside, 3 / 15]))
    assert bins["n"].tolist() == [1, 1]


def test_there_are_fifteen_bins() -> None:
    middles = (np.arange(15) + 0.5) / 15
    assert len(calibration_bins(np.zeros(15), middles)) == CALIBRATION_BINS == 15


def test_a_weight_repeats_a_film() -> None:
    weight = np.array([2, 1, 0, 3, 1, 1, 1, 0, 2, 1])
    repeated = np.repeat(np.arange(10), weight)
    once = all_metrics(TRUTH, PROBABILITY, 0.5, weight.astype(float))
    again = all_metrics(TRUTH[repeated], PROBABILITY[repeated], 0.5)
    assert once == pytest.approx(again)


def random_films(random: np.random.Generator, films: int) -> pd.DataFrame:
    truth = random.integers(0, 2, films)
    logits = random.normal(2 * truth - 1, 1.5)
    return table(truth.tolist(), logits.tolist(), [f"p{n}" for n in range(films)])


def test_every_metric_has_a_value_inside_its_interval(random: np.random.Generator) -> None:
    films = random_films(random, 120)
    summary = with_intervals(films, 0.5, samples=100)
    assert (summary["n"], summary["patients"], summary["threshold"]) == (120, 120, 0.5)
    assert sum(summary["confusion"].values()) == 120
    for name in METRICS:
        figures = summary[name]
        assert figures["low"] <= figures["value"] <= figures["high"], name
        assert figures["low"] < figures["high"], name


def test_the_bootstrap_is_fixed_by_its_seed(random: np.random.Generator) -> None:
    films = random_films(random, 40)
    first = with_intervals(films, 0.5, samples=20, seed=1)
    assert first == with_intervals(films, 0.5, samples=20, seed=1)
    assert first["auroc"] != with_intervals(films, 0.5, samples=20, seed=2)["auroc"]


def test_the_bootstrap_draws_patients_not_films(random: np.random.Generator) -> None:
    films = random_films(random, 60)
    four_each = pd.concat([films] * 4, ignore_index=True)
    apart = four_each.assign(patient=[f"p{n}" for n in range(len(four_each))])

    def width(table: pd.DataFrame) -> float:
        figures = with_intervals(table, 0.5, samples=150)["accuracy"]
        return float(figures["high"] - figures["low"])

    assert with_intervals(four_each, 0.5, samples=10)["patients"] == 60
    assert width(four_each) == pytest.approx(width(films), rel=0.01), "copies add no knowledge"
    assert width(four_each) > 1.6 * width(apart), "about twice: four times the films look sure"


def test_what_is_not_defined_is_none_and_never_nan() -> None:
    summary = with_intervals(table([1, 1], [3.0, 2.0], ["a", "b"]), 0.5, samples=20)
    nothing = {"value": None, "low": None, "high": None}
    assert summary["auroc"] == summary["specificity"] == summary["npv"] == nothing
    assert summary["sensitivity"] == {"value": 1.0, "low": 1.0, "high": 1.0}


def test_the_curves_turn_where_the_counts_say() -> None:
    films = table(TRUTH.tolist(), [logit(max(p, 0.01)) for p in PROBABILITY], list("abcdefghij"))
    curve = roc(films)
    corner = curve[np.isclose(curve["threshold"], 0.4)].iloc[0]  # tp 5, fn 1, fp 1, tn 3
    assert (corner["sensitivity"], corner["specificity"]) == pytest.approx((5 / 6, 3 / 4))
    points = precision_recall(films)
    assert ((points - [5 / 6, 5 / 6]).abs().sum(axis=1) < 1e-9).any()
