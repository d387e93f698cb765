"""Temperature and review band against known answers, counts by hand, and the promise they make."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import core.metrics.calibration
from core.metrics.calibration import (
    ALPHAS,
    LARGEST_REVIEW_SHARE,
    ReviewBand,
    _review_share,
    balanced_threshold,
    choose_band,
    conformal_band,
    fit_temperature,
)
from core.metrics.logits import sigmoid

ROUNDING = 1e-4
"""Edges are rounded outwards to four decimals."""


def films(truth: NDArray[np.int_], probability: NDArray[np.float64]) -> pd.DataFrame:
    """Held-out films, two a patient."""
    logit = np.log(probability) - np.log1p(-probability)
    patients = [f"p{number // 2}" for number in range(len(truth))]
    return pd.DataFrame({"patient": patients, "truth": truth, "logit": logit})


def drawn(random: np.random.Generator, per_class: int, apart: float = 2.0) -> pd.DataFrame:
    """Films whose logits are normal about ``-apart`` and ``apart``."""
    truth = np.repeat([0, 1], per_class)
    return films(truth, sigmoid(random.normal((2 * truth - 1) * apart, 1.5)))


class TestOperatingPoint:
    @pytest.mark.parametrize("pneumonias", [200, 2_000, 20_000])
    def test_it_lies_between_the_classes_whatever_their_numbers(
        self, random: np.random.Generator, pneumonias: int
    ) -> None:
        truth = np.repeat([0, 1], [2_000, pneumonias])
        found = films(truth, sigmoid(random.normal(np.where(truth == 1, 2.6, -1.4), 1.5)))
        assert balanced_threshold(found) == pytest.approx(sigmoid(0.6), abs=0.05)

    def test_it_weighs_both_errors_alike(self, random: np.random.Generator) -> None:
        found = drawn(random, per_class=20_000)
        called = sigmoid(found["logit"]) >= balanced_threshold(found)
        missed = (~called[found["truth"] == 1]).mean()
        assert called[found["truth"] == 0].mean() == pytest.approx(missed, abs=0.01)

    def test_one_odd_film_does_not_move_it(self, random: np.random.Generator) -> None:
        found = drawn(random, per_class=300)
        odd = films(np.array([0]), np.array([0.999]))
        moved = balanced_threshold(pd.concat([found, odd])) - balanced_threshold(found)
        assert 0 < moved < 0.02

    @pytest.mark.parametrize("probability", [[0.9, 0.1], [0.1, 0.9], [0.5, 0.5]])
    def test_it_lies_inside_the_unit_interval(self, probability: list[float]) -> None:
        found = films(np.array([1, 0]), np.array(probability))
        assert 0 < balanced_threshold(found) < 1


class TestTemperature:
    @pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
    def test_a_known_one_is_found(self, random: np.random.Generator, temperature: float) -> None:
        logit = random.normal(0, 2, 20_000)
        truth = (random.random(20_000) < sigmoid(logit)).astype(int)
        overstated = pd.DataFrame({"truth": truth, "logit": logit * temperature})
        assert fit_temperature(overstated) == pytest.approx(temperature, rel=0.05)

    def test_films_that_are_told_apart_for_sure_keep_a_finite_one(self) -> None:
        sure = films(np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.8, 0.9]))
        assert 0.1 <= fit_temperature(sure) < 0.11


class TestConformalBand:
    def test_its_edges_by_hand(self) -> None:
        # 19 films a class at 0.05, 0.10, ... 0.95. A tenth of 19 + 1 is 2, so the second lowest
        # pneumonia, 0.10, and the second highest normal, 0.90, are the last that are possible.
        steps = np.arange(1, 20) / 20
        both = films(np.repeat([0, 1], 19), np.concatenate([steps, steps]))
        band = conformal_band(both, alpha=0.1, threshold=0.5)
        assert (band.low, band.high) == pytest.approx((0.10, 0.90), abs=1.1 * ROUNDING)
        assert band.low <= 0.10 <= 0.90 <= band.high

    def test_a_class_with_too_few_films_is_always_possible(self) -> None:
        steps = np.arange(1, 10) / 10  # a twentieth of 9 + 1 is less than one film
        few = films(np.repeat([0, 1], 9), np.concatenate([steps / 2, 0.5 + steps / 2 - 0.01]))
        band = conformal_band(few, alpha=0.05, threshold=0.5)
        assert (band.low, band.high) == (0.0, 1.0)

    @pytest.mark.parametrize("seed", range(6))
    def test_outside_of_it_one_class_is_possible_and_it_is_the_label(self, seed: int) -> None:
        """The definition, film by film: a class is possible if its p-value is over alpha."""
        random = np.random.default_rng(seed)
        held_out = drawn(random, per_class=int(random.integers(20, 80)), apart=random.uniform(0, 4))
        alpha, threshold = random.uniform(0.05, 0.3), random.uniform(0.05, 0.95)
        band = conformal_band(held_out, alpha, threshold)
        probability = sigmoid(held_out["logit"])
        ill, well = (probability[held_out["truth"] == truth] for truth in (1, 0))
        edges = np.array([*ill, *well, threshold])
        for new in random.random(400):
            if np.abs(edges - new).min() < ROUNDING:
                continue
            ill_possible = (1 + (ill <= new).sum()) / (1 + len(ill)) > alpha
            well_possible = (1 + (well >= new).sum()) / (1 + len(well)) > alpha
            told_apart = ill_possible != well_possible and ill_possible == (new >= threshold)
            assert bool(band.holds(np.array([new]))[0]) == (not told_apart), new

    @pytest.mark.parametrize(("alpha", "per_class"), [(0.1, 49), (0.05, 30), (0.02, 20)])
    def test_new_films_fall_on_the_wrong_side_no_more_often_than_alpha(
        self, random: np.random.Generator, alpha: float, per_class: int
    ) -> None:
        wrong = []
        for _ in range(300):
            band = conformal_band(drawn(random, per_class, apart=0.7), alpha, threshold=0.5)
            new = drawn(random, 50, apart=0.7)
            probability, ill = sigmoid(new["logit"]), new["truth"] == 1
            wrong.append((probability[ill] < band.low).mean())
            wrong.append((probability[~ill] >= band.high).mean())
        assert np.mean(wrong) <= alpha + 0.005
        if alpha * (per_class + 1) >= 1:
            assert np.mean(wrong) >= 0.5 * alpha, "nor is every film sent to review"

    @pytest.mark.parametrize("threshold", [1e-4, 0.0123, 0.2204, 0.5, 0.77777, 1 - 1e-4])
    def test_it_always_holds_the_threshold(
        self, random: np.random.Generator, threshold: float
    ) -> None:
        for apart in (0.0, 1.0, 8.0):
            band = conformal_band(drawn(random, 40, apart), 0.05, threshold)
            assert 0 <= band.low <= threshold <= band.high <= 1

    def test_it_holds_its_lower_edge_and_not_its_upper(self) -> None:
        probability = np.array([0.1, 0.2, 0.5, 0.7, 0.9])
        held = ReviewBand(0.2, 0.7, 0.01).holds(probability)
        assert held.tolist() == [False, True, True, False, False]


class TestChooseBand:
    @pytest.mark.parametrize("apart", [2.2, 2.6, 3.0])
    def test_it_is_the_strictest_that_reviews_a_tenth_out_of_fold(
        self, random: np.random.Generator, apart: float
    ) -> None:
        held_out = drawn(random, 400, apart)
        band = choose_band(held_out, threshold=0.4)
        assert _review_share(held_out, band.alpha, 0.4) <= LARGEST_REVIEW_SHARE == 0.1
        for stricter in (alpha for alpha in ALPHAS if alpha < band.alpha):
            assert _review_share(held_out, stricter, 0.4) > LARGEST_REVIEW_SHARE
        assert band == conformal_band(held_out, band.alpha, 0.4), "fitted on all of them at last"

    def test_where_every_band_reviews_more_it_is_the_most_lenient(
        self, random: np.random.Generator
    ) -> None:
        assert choose_band(drawn(random, 100, apart=0.0), 0.5).alpha == max(ALPHAS)

    def test_no_film_is_counted_under_a_band_of_its_own_patient(
        self, random: np.random.Generator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held_out = drawn(random, 51)
        fitted_on: list[pd.DataFrame] = []

        def spy(predictions: pd.DataFrame, alpha: float, threshold: float) -> ReviewBand:
            fitted_on.append(predictions)
            return conformal_band(predictions, alpha, threshold)

        monkeypatch.setattr(core.metrics.calibration, "conformal_band", spy)
        _review_share(held_out, 0.05, 0.5)
        counted: list[int] = []
        for fitted in fitted_on:
            rest = held_out.drop(index=fitted.index)
            assert not set(rest["patient"]) & set(fitted["patient"])
            counted += rest.index.tolist()
        assert sorted(counted) == held_out.index.tolist(), "each film once"

    @pytest.mark.parametrize("patients", [1, 2])
    def test_a_handful_of_patients_is_no_failure(self, patients: int) -> None:
        handful = films(np.array([0, 1] * patients), np.array([0.2, 0.8] * patients))
        handful["patient"] = [f"{label}{number}" for number in range(patients) for label in "ab"]
        band = choose_band(handful, 0.5)
        assert (band.low, band.high) == (0.0, 1.0)
