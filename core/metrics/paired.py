"""Two models on the same films: paired differences, intervals and tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest

from core.metrics.classification import (
    BOOTSTRAP_SAMPLES,
    interval_of,
    patient_weights,
)
from core.metrics.logits import sigmoid
from core.metrics.rates import wilson_of

GROUPS = ("all", "pneumonia", "normal")
Called = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Discordance:
    """How often each of two models is right on the same films, each at its own operating point.

    Args:
        both: Films that both call correctly.
        first: Films that only the first does.
        second: Films that only the second does.
        neither: Films that neither does.
        difference: The first's share of correct calls less the second's: ``value``, ``low``, and
            ``high``, bootstrapped by patient or of the exact test, whichever is wider.
        p_value: Of McNemar's test in its exact form (1947, https://doi.org/10.1007/BF02295996);
            1 where the models never differ.
    """

    both: int
    first: int
    second: int
    neither: int
    difference: Mapping[str, float | None]
    p_value: float

    @property
    def n(self) -> int:
        """How many films."""
        return self.both + self.first + self.second + self.neither


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two models on the films that both have read.

    Args:
        groups: ``all`` films, and where they occur ``pneumonia`` and ``normal`` ones alone, for
            accuracy, sensitivity and specificity.
        auroc: The first's AUROC less the second's: ``value``, ``low`` and ``high``; None in each
            where a class is missing.
    """

    groups: Mapping[str, Discordance]
    auroc: Mapping[str, float | None]

    @property
    def n(self) -> int:
        """How many films both have read."""
        return self.groups["all"].n


def compare(
    first: pd.DataFrame,
    second: pd.DataFrame,
    thresholds: tuple[float, float],
    samples: int = BOOTSTRAP_SAMPLES,
    seed: int = 0,
) -> Comparison | None:
    """Compare two models on the films that both have read.

    Args:
        first: Columns ``image``, ``patient``, ``truth`` and ``logit``.
        second: Likewise.
        thresholds: Each model's operating point.
        samples: Bootstrap samples, over patients.
        seed: Of the bootstrap.

    Returns:
        None where they share no film.
    """
    pairs = first.merge(second, on=["image", "truth"], suffixes=("_1", "_2"))
    if pairs.empty:
        return None
    truth = pairs["truth"].to_numpy()
    scores = [sigmoid(pairs[f"logit_{number}"]) for number in (1, 2)]
    right = [
        (score >= threshold) == truth for score, threshold in zip(scores, thresholds, strict=True)
    ]
    weights = np.stack(list(patient_weights(pairs["patient_1"], samples, seed)))
    members = {"all": truth >= 0, "pneumonia": truth == 1, "normal": truth == 0}
    return Comparison(
        groups={
            name: _discordance(right[0][group], right[1][group], weights[:, group])
            for name, group in members.items()
            if group.any()
        },
        auroc=_auroc_difference(truth, scores, weights),
    )


def _discordance(first: Called, second: Called, weights: NDArray[Any]) -> Discordance:
    """Count the (N,) films that each model calls correctly; weights are (samples, N)."""
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    gain = first.astype(float) - second
    films = weights.sum(axis=1)
    resampled = (weights @ gain)[films > 0] / films[films > 0]
    difference = interval_of(float(gain.mean()), resampled.tolist())
    differing = only_first + only_second
    if differing:  # of few, a bootstrap sees too little: at least as wide as McNemar's test
        ends = binomtest(only_first, differing).proportion_ci(method="exact")
        low, high = ((2 * end - 1) * differing / len(first) for end in (ends.low, ends.high))
        difference["low"] = round(min(low, difference["low"]), 6)
        difference["high"] = round(max(high, difference["high"]), 6)
    else:  # nothing to resample: as far as they might differ on films not seen
        unseen = wilson_of(0, len(first))[1]
        difference = {"value": 0.0, "low": -unseen, "high": unseen}
    return Discordance(
        both=int((first & second).sum()),
        first=only_first,
        second=only_second,
        neither=int((~first & ~second).sum()),
        difference=difference,
        p_value=float(binomtest(only_first, differing).pvalue) if differing else 1.0,
    )


def _auroc_difference(
    truth: NDArray[Any], scores: list[NDArray[np.float64]], weights: NDArray[Any]
) -> dict[str, float | None]:
    """The difference of two AUROCs over the same bootstrap samples.

    An AUROC is the share of pairs of a pneumonia and a normal film that are ranked correctly, a
    tie counting half; a weighted sample counts a pair as often as both of its films.
    """
    ill, well = truth == 1, truth == 0
    if not ill.any() or not well.any():
        return {"value": None, "low": None, "high": None}
    ranked = [np.sign(s[ill][:, None] - s[well][None, :]) / 2 for s in scores]  # (ill, well)
    gain = ranked[0] - ranked[1]
    pairs = weights[:, ill].sum(axis=1) * weights[:, well].sum(axis=1)
    gained = ((weights[:, ill] @ gain) * weights[:, well]).sum(axis=1)
    return interval_of(float(gain.mean()), (gained[pairs > 0] / pairs[pairs > 0]).tolist())
