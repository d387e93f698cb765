"""Operating points: rates at any threshold and prevalence, net benefit, films of each cell.

Intervals are bootstrapped by patient with the very draws of ``classification.with_intervals``, so
that they agree with what is written in results. Where no sample shows any spread they are Wilson's
(1927, https://doi.org/10.2307/2276774): a rate of 100 % is not known for sure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics.classification import (
    BOOTSTRAP_SAMPLES,
    COUNTS,
    confusion,
    interval_of,
    patient_weights,
    rates,
)
from core.metrics.logits import Floats, sigmoid
from core.metrics.rates import wilson_of

RATES = ("sensitivity", "specificity", "ppv", "npv", "accuracy")
EDGES = ("low", "high")
BENEFIT_THRESHOLDS = tuple(np.linspace(0.01, 0.99, 99).round(2).tolist())
"""Where the decision curve is drawn."""

_PARTS = {
    "sensitivity": (("tp",), ("tp", "fn")),
    "specificity": (("tn",), ("tn", "fp")),
    "ppv": (("tp",), ("tp", "fp")),
    "npv": (("tn",), ("tn", "fn")),
    "accuracy": (("tp", "tn"), COUNTS),
}
Figure = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class CountedFilms:
    """Films counted at a threshold, with their bootstrap, which is drawn once.

    Args:
        n: Films.
        patients: And patients.
        threshold: A probability at or over it is called pneumonia.
        counts: The confusion matrix.
        resampled: The rates of each bootstrap sample, a row a sample.
    """

    n: int
    patients: int
    threshold: float
    counts: Mapping[str, int]
    resampled: pd.DataFrame = field(repr=False)


def count_at(
    predictions: pd.DataFrame, threshold: float, samples: int = BOOTSTRAP_SAMPLES, seed: int = 0
) -> CountedFilms:
    """Count films at a threshold.

    Args:
        predictions: Columns ``patient``, ``truth`` and ``logit``, at least one row.
        threshold: A probability at or over it is called pneumonia; 0 calls all films so.
        samples: Bootstrap samples.
        seed: Of the bootstrap.
    """
    counts, resampled = _counts(predictions, threshold, samples, seed)
    patients = predictions["patient"].nunique()
    return CountedFilms(len(predictions), patients, threshold, counts, resampled)


def figures_at(counted: CountedFilms) -> dict[str, Any]:
    """The confusion matrix at a threshold, and its rates with 95 % intervals.

    Returns:
        ``n``, ``patients``, ``threshold``, ``confusion``, and of each of ``RATES`` ``value``,
        ``low`` and ``high`` (None where it is not defined).
    """
    return {
        "n": counted.n,
        "patients": counted.patients,
        "threshold": counted.threshold,
        "confusion": dict(counted.counts),
        **_rate_figures(counted.counts, counted.resampled),
    }


def _counts(
    predictions: pd.DataFrame, threshold: float, samples: int, seed: int
) -> tuple[dict[str, int], pd.DataFrame]:
    """The counts at a threshold, and the rates of each bootstrap sample, a row a sample."""
    truth, probability = predictions["truth"].to_numpy(), sigmoid(predictions["logit"])
    cells = 2 * truth.astype(int) + (probability >= threshold)
    in_cell = np.eye(len(COUNTS))[cells]  # (N, 4)
    weights = np.stack(list(patient_weights(predictions["patient"], samples, seed)))
    resampled = [rates(dict(zip(COUNTS, row, strict=True))) for row in weights @ in_cell]
    counts = confusion(truth, probability, threshold)
    return {name: int(count) for name, count in counts.items()}, pd.DataFrame(resampled)


def _rate_figures(counts: Mapping[str, int], resampled: pd.DataFrame) -> dict[str, Figure]:
    """Each rate with its interval: Wilson's where the bootstrap saw no spread."""
    figures: dict[str, Figure] = {}
    for name, value in rates(counts).items():
        if name not in RATES:
            continue
        figures[name] = interval_of(value, resampled[name].tolist())
        if figures[name]["value"] is not None and figures[name]["low"] == figures[name]["high"]:
            right, called = _PARTS[name]
            low, high = wilson_of(*(sum(counts[cell] for cell in part) for part in (right, called)))
            figures[name] = {**figures[name], "low": low, "high": high}
    return figures


def at_prevalence(counted: CountedFilms, prevalence: float) -> dict[str, Figure]:
    """PPV and NPV where another share of the films shows pneumonia, by Bayes' rule.

    Sensitivity and specificity are taken to be the same there. The interval is that of PPV and NPV
    over the bootstrap samples, which draw sensitivity and specificity together; where either of
    them shows no spread, it runs from the worst corner of their two intervals to the best.

    Args:
        counted: The films here.
        prevalence: The share of pneumonia there, 0 to 1.

    Returns:
        ``ppv`` and ``npv``, each with ``value``, ``low`` and ``high`` (None where not defined).
    """
    counts, resampled = counted.counts, counted.resampled
    found, spared = (_rate_figures(counts, resampled)[name] for name in RATES[:2])
    point = rates(counts)
    value = bayes(point["sensitivity"], point["specificity"], prevalence)
    each = bayes(resampled["sensitivity"], resampled["specificity"], prevalence)
    figures = {name: interval_of(float(value[name]), each[name].tolist()) for name in value}
    if found["value"] is None or spared["value"] is None:
        return dict(figures)
    if resampled[list(RATES[:2])].nunique().min() > 1:
        return dict(figures)
    for edge in EDGES:
        corner = bayes(found[edge], spared[edge], prevalence)
        for name, figure in figures.items():
            if figure["value"] is not None:
                figure[edge] = round(float(np.nan_to_num(corner[name], nan=figure["value"])), 6)
    return dict(figures)


def bayes(sensitivity: Any, specificity: Any, prevalence: float) -> dict[str, Floats]:
    """PPV and NPV of a test at a prevalence; NaN where nothing is called so.

    Args:
        sensitivity: 0 to 1, a number or an array.
        specificity: Likewise.
        prevalence: 0 to 1.

    Examples:
        >>> {name: float(value) for name, value in bayes(0.9, 0.9, 0.5).items()}
        {'ppv': 0.9, 'npv': 0.9}
    """
    found = np.asarray(sensitivity, dtype=np.float64) * prevalence
    missed = prevalence - found
    spared = np.asarray(specificity, dtype=np.float64) * (1 - prevalence)
    alarmed = (1 - prevalence) - spared
    with np.errstate(invalid="ignore"):
        return {"ppv": found / (found + alarmed), "npv": spared / (spared + missed)}


def net_benefit(predictions: pd.DataFrame, thresholds: Sequence[float]) -> pd.DataFrame:
    """The decision curve (Vickers and Elkin, 2006, https://doi.org/10.1177/0272989X06295361).

    Net benefit counts pneumonias found, less false alarms at the odds of the threshold, a film;
    calling none has none.

    Args:
        predictions: Columns ``truth`` and ``logit``.
        thresholds: Probabilities, 0 to under 1.

    Returns:
        Columns ``threshold``, ``model``, and ``all``: of calling every film pneumonia.
    """
    truth, probability = predictions["truth"].to_numpy(), sigmoid(predictions["logit"])
    rows = []
    for threshold in thresholds:
        counts = confusion(truth, probability, threshold)
        odds = threshold / (1 - threshold)
        rows.append(
            {
                "threshold": threshold,
                "model": (counts["tp"] - odds * counts["fp"]) / len(truth),
                "all": (truth.sum() - odds * (1 - truth).sum()) / len(truth),
            }
        )
    return pd.DataFrame(rows)


@dataclass(frozen=True, slots=True)
class Benefit:
    """The net benefit of a model: the decision curve, and where its operating point lies on it.

    Args:
        curve: As ``net_benefit`` gives it, ascending.
        threshold: The operating point.
        model: The model's benefit there, a film.
        everyone: The benefit of calling every film pneumonia there.
    """

    curve: pd.DataFrame = field(repr=False)
    threshold: float
    model: float
    everyone: float


def benefit_of(predictions: pd.DataFrame, operating_point: float) -> Benefit:
    """The net benefit of a model over ``BENEFIT_THRESHOLDS``, and at its operating point."""
    point = net_benefit(predictions, [operating_point]).iloc[0]
    curve = net_benefit(predictions, BENEFIT_THRESHOLDS)
    return Benefit(curve, operating_point, float(point["model"]), float(point["all"]))


def films_in(predictions: pd.DataFrame, threshold: float, cell: str) -> pd.DataFrame:
    """The films of a cell of the confusion matrix, the worst first: farthest from their truth.

    Args:
        predictions: Columns ``image``, ``truth`` and ``logit``.
        threshold: A probability at or over it is called pneumonia.
        cell: One of ``COUNTS``.

    Returns:
        Columns ``image`` and ``probability``.
    """
    probability = sigmoid(predictions["logit"])
    cells: NDArray[np.int64] = 2 * predictions["truth"] + (probability >= threshold)
    table = predictions.assign(
        probability=probability, far=(1 - 2 * predictions["truth"]) * predictions["logit"]
    )[cells == COUNTS.index(cell)]
    ordered = table.sort_values(["far", "image"], ascending=[False, True], ignore_index=True)
    return ordered[["image", "probability"]]
