"""Two models on the same films, against scipy and scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom
from sklearn.metrics import roc_auc_score

from core.metrics.classification import patient_weights
from core.metrics.logits import sigmoid
from core.metrics.paired import GROUPS, compare
from tests.support.made_up import predictions

FIRST, SECOND = predictions(40, 60, seed=0, apart=3), predictions(40, 60, seed=1, apart=2)


def exact_mcnemar(first: int, second: int) -> float:
    """Twice the smaller tail of a fair coin, at most 1."""
    return min(1.0, 2 * float(binom.cdf(min(first, second), first + second, 0.5)))


def test_films_are_counted_as_both_or_one_or_none_right() -> None:
    comparison = compare(FIRST, SECOND, (0.5, 0.4), samples=20)
    assert comparison is not None
    right = [
        ((sigmoid(films["logit"]) >= threshold) == films["truth"]).to_numpy()
        for films, threshold in ((FIRST, 0.5), (SECOND, 0.4))
    ]
    everything = comparison.groups["all"]
    assert everything.both == (right[0] & right[1]).sum()
    assert everything.first == (right[0] & ~right[1]).sum() > 0
    assert everything.second == (right[1] & ~right[0]).sum() > 0
    assert everything.n == comparison.n == 100
    assert everything.p_value == pytest.approx(exact_mcnemar(everything.first, everything.second))
    gain = right[0].mean() - right[1].mean()
    assert everything.difference["value"] == pytest.approx(gain)
    parts = [comparison.groups[name] for name in GROUPS[1:]]
    assert [part.n for part in parts] == [60, 40]
    assert sum(part.first for part in parts) == everything.first


def test_the_order_of_the_rows_does_not_matter() -> None:
    one = compare(FIRST, SECOND, (0.5, 0.5), samples=20)
    shuffled = SECOND.sample(frac=1, random_state=3)
    assert compare(FIRST, shuffled, (0.5, 0.5), samples=20) == one


def test_the_auroc_difference_is_scikit_learns_in_every_sample() -> None:
    samples = 30
    comparison = compare(FIRST, SECOND, (0.5, 0.5), samples=samples)
    assert comparison is not None
    scores = [sigmoid(films["logit"]).round(1) for films in (FIRST, SECOND)]  # with ties
    rounded = [
        films.assign(logit=np.log(score.clip(1e-9) / (1 - score).clip(1e-9)))
        for films, score in zip((FIRST, SECOND), scores, strict=True)
    ]
    for films in ((FIRST, SECOND), rounded):
        found = compare(*films, (0.5, 0.5), samples=samples)
        assert found is not None
        truth, each = FIRST["truth"], [sigmoid(one["logit"]) for one in films]
        differences = [
            np.subtract(*(roc_auc_score(truth, score, sample_weight=weight) for score in each))
            for weight in patient_weights(FIRST["patient"], samples, 0)
        ]
        whole = np.subtract(*(roc_auc_score(truth, score) for score in each))
        assert found.auroc["value"] == pytest.approx(whole, abs=1e-6)
        low, high = np.percentile(differences, [2.5, 97.5])
        assert (found.auroc["low"], found.auroc["high"]) == pytest.approx((low, high), abs=1e-6)


def test_models_that_never_differ_are_not_told_apart() -> None:
    comparison = compare(FIRST, FIRST, (0.5, 0.5), samples=20)
    assert comparison is not None
    for group in comparison.groups.values():
        assert (group.first, group.second, group.p_value) == (0, 0, 1.0)
        assert group.difference["value"] == 0
        assert group.difference["low"] < 0 < group.difference["high"], "unseen films may differ"
    assert comparison.auroc == {"value": 0, "low": 0, "high": 0}


def test_few_differences_never_exclude_chance_where_mcnemar_does_not() -> None:
    """Four films that only the first model calls correctly: p is 0.125."""
    worse = FIRST.copy()
    right = (sigmoid(FIRST["logit"]) >= 0.5) == FIRST["truth"]
    turned = FIRST.index[right][:4]
    worse.loc[turned, "logit"] *= -1
    comparison = compare(FIRST, worse, (0.5, 0.5), samples=200)
    assert comparison is not None
    found = comparison.groups["all"]
    assert (found.first, found.second) == (4, 0)
    assert found.p_value == pytest.approx(0.125)
    assert found.difference["low"] < 0 < found.difference["value"] < found.difference["high"]


def test_only_films_that_both_have_read_are_compared() -> None:
    comparison = compare(FIRST, SECOND.iloc[10:], (0.5, 0.5), samples=20)
    assert comparison is not None
    assert comparison.n == 90
    elsewhere = SECOND.assign(image="elsewhere/" + SECOND["image"])
    assert compare(FIRST, elsewhere, (0.5, 0.5), samples=20) is None


def test_one_class_alone_has_no_auroc_and_no_other_group() -> None:
    ill = [films[films["truth"] == 1] for films in (FIRST, SECOND)]
    comparison = compare(*ill, (0.5, 0.5), samples=20)
    assert comparison is not None
    assert set(comparison.groups) == {"all", "pneumonia"}
    assert comparison.auroc == {"value": None, "low": None, "high": None}


def test_patients_who_are_numbers_are_patients_too() -> None:
    numbered = [
        films.assign(patient=pd.factorize(films["patient"])[0]) for films in (FIRST, SECOND)
    ]
    assert compare(*numbered, (0.5, 0.5), samples=20) is not None
