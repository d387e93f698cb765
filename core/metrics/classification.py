"""Figures of merit of a binary classifier, with intervals bootstrapped by patient.

Positive is pneumonia. A probability at or over the threshold is called pneumonia.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    log_loss,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from core.metrics.logits import Floats, sigmoid
from core.metrics.rates import THRESHOLD_METRICS

CALIBRATION_BINS = 15
EQUAL_BINS = 8
BOOTSTRAP_SAMPLES = 1000
COUNTS = ("tn", "fp", "fn", "tp")
METRICS = (*THRESHOLD_METRICS, "auroc", "auprc", "brier", "log_loss", "ece")


def confusion(
    truth: NDArray[Any], probability: Floats, threshold: float, weight: Floats | None = None
) -> dict[str, float]:
    """Counts of the confusion matrix: tn, fp, fn, tp.

    Args:
        truth: (N,), 0 or 1.
        probability: (N,), of pneumonia.
        threshold: The operating point.
        weight: (N,), how often each film counts; once if None.
    """
    called = probability >= threshold
    counted = np.ones(len(truth)) if weight is None else weight
    cells = np.bincount(2 * truth.astype(int) + called, weights=counted, minlength=4)
    return dict(zip(COUNTS, cells.tolist(), strict=True))


def rates(counts: Mapping[str, float]) -> dict[str, float]:
    """Accuracy, sensitivity, specificity, PPV, NPV and F1 of a confusion matrix.

    A rate whose denominator is zero is NaN.
    """
    tn, fp, fn, tp = (counts[name] for name in COUNTS)

    def share(part: float, whole: float) -> float:
        return part / whole if whole else float("nan")

    return {
        "accuracy": share(tp + tn, tn + fp + fn + tp),
        "sensitivity": share(tp, tp + fn),
        "specificity": share(tn, tn + fp),
        "ppv": share(tp, tp + fp),
        "npv": share(tn, tn + fn),
        "f1": share(2 * tp, 2 * tp + fp + fn),
    }


def calibration_bins(
    truth: NDArray[Any], probability: Floats, weight: Floats | None = None
) -> pd.DataFrame:
    """The reliability diagram: films in 15 equal-width bins of the probability of pneumonia.

    Returns:
        A row a bin that has films: ``n``, ``predicted`` (mean probability), ``observed`` (share
        of pneumonia).
    """
    sums = _calibration_sums(truth, probability, weight)
    n, predicted, observed = sums[:, sums[0] > 0]
    return pd.DataFrame({"n": n, "predicted": predicted / n, "observed": observed / n})


def equal_bins(truth: NDArray[Any], probability: Floats, bins: int = EQUAL_BINS) -> pd.DataFrame:
    """The reliability diagram with as many films in each bin, so that no mark rests on a few.

    Args:
        truth: (N,), 0 or 1.
        probability: (N,), of pneumonia.
        bins: How many at most; fewer where there are fewer films.

    Returns:
        A row a bin: ``n``, ``predicted`` (mean probability), ``observed`` (share of pneumonia).
    """
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return pd.DataFrame(
        {
            "n": [len(part) for part in parts],
            "predicted": [float(probability[part].mean()) for part in parts],
            "observed": [float(truth[part].mean()) for part in parts],
        }
    )


def _calibration_sums(truth: NDArray[Any], probability: Floats, weight: Floats | None) -> Floats:
    """(3, bins): films, sum of their probabilities, and pneumonias of each calibration bin."""
    counted = np.ones(len(truth)) if weight is None else weight
    bins = np.minimum((probability * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    return np.stack(
        [
            np.bincount(bins, weights=weights, minlength=CALIBRATION_BINS)
            for weights in (counted, counted * probability, counted * truth)
        ]
    )


def expected_calibration_error(
    truth: NDArray[Any], probability: Floats, weight: Floats | None = None
) -> float:
    """Mean distance of probability and frequency over the calibration bins, weighted by films.

    Naeini et al., AAAI 2015, https://doi.org/10.1609/aaai.v29i1.9602, on the probability of
    pneumonia rather than of the called class.
    """
    n, predicted, observed = _calibration_sums(truth, probability, weight)
    return float(np.abs(predicted - observed).sum() / n.sum())


def ranking(
    truth: NDArray[Any], probability: Floats, weight: Floats | None = None
) -> dict[str, float]:
    """``auroc`` and ``auprc`` (average precision); NaN where no film of a class counts."""
    present = truth if weight is None else truth[weight > 0]
    figures = {"auroc": roc_auc_score, "auprc": average_precision_score}
    if len(np.unique(present)) < 2:
        return dict.fromkeys(figures, float("nan"))
    return {
        name: float(figure(truth, probability, sample_weight=weight))
        for name, figure in figures.items()
    }


def all_metrics(
    truth: NDArray[Any], probability: Floats, threshold: float, weight: Floats | None = None
) -> dict[str, float]:
    """All of ``METRICS``; one that is not defined on these films is NaN."""
    return {
        **rates(confusion(truth, probability, threshold, weight)),
        **ranking(truth, probability, weight),
        "brier": float(brier_score_loss(truth, probability, sample_weight=weight, pos_label=1)),
        "log_loss": float(log_loss(truth, probability, sample_weight=weight, labels=[0, 1])),
        "ece": expected_calibration_error(truth, probability, weight),
    }


def with_intervals(
    predictions: pd.DataFrame,
    threshold: float,
    samples: int = BOOTSTRAP_SAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """All metrics with 95 % percentile intervals from a bootstrap over patients.

    Args:
        predictions: Columns ``patient``, ``truth`` and ``logit``.
        threshold: The operating point.
        samples: Bootstrap samples.
        seed: Of the bootstrap.

    Returns:
        ``n``, ``patients``, ``threshold``, ``confusion``, and of each metric ``value``, ``low``
        and ``high`` (None where it is not defined).
    """
    truth = predictions["truth"].to_numpy()
    probability = sigmoid(predictions["logit"])
    resampled: dict[str, list[float]] = {name: [] for name in METRICS}
    for weight in patient_weights(predictions["patient"], samples, seed):
        with config_context(assume_finite=True, skip_parameter_validation=True):
            figures = all_metrics(truth, probability, threshold, weight)
        for name, value in figures.items():
            resampled[name].append(value)
    point = all_metrics(truth, probability, threshold)
    return {
        "n": len(predictions),
        "patients": predictions["patient"].nunique(),
        "threshold": threshold,
        "confusion": {
            name: int(count) for name, count in confusion(truth, probability, threshold).items()
        },
        **{name: interval_of(point[name], resampled[name]) for name in METRICS},
    }


def patient_weights(patients: pd.Series, samples: int, seed: int) -> Iterator[Floats]:
    """How often each film counts in each sample of a bootstrap over patients.

    Args:
        patients: (N,), whose film each is.
        samples: How many samples.
        seed: Of the draws: the same draws for the same patients, whatever is measured on them.

    Yields:
        (N,), whole numbers.
    """
    names, whose = np.unique(patients, return_inverse=True)
    random = np.random.default_rng(seed)
    for _ in range(samples):
        drawn = random.integers(len(names), size=len(names))
        yield np.bincount(drawn, minlength=len(names))[whose].astype(np.float64)


def interval_of(value: float, resampled: Sequence[float]) -> dict[str, float | None]:
    """A value with the 95 % percentile interval of its resampled values; NaN is left out.

    Returns:
        ``value``, ``low`` and ``high``, with six decimals; None where the value is not defined.
    """
    defined = np.array(resampled)[~np.isnan(resampled)]
    if np.isnan(value) or not len(defined):
        return {"value": None, "low": None, "high": None}
    low, high = np.percentile(defined, [2.5, 97.5])
    return {"value": round(value, 6), "low": round(float(low), 6), "high": round(float(high), 6)}


def roc(predictions: pd.DataFrame) -> pd.DataFrame:
    """The ROC curve: columns ``specificity``, ``sensitivity`` and ``threshold``."""
    fall_out, found, thresholds = roc_curve(predictions["truth"], sigmoid(predictions["logit"]))
    return pd.DataFrame(
        {"specificity": 1 - fall_out, "sensitivity": found, "threshold": thresholds}
    )


def precision_recall(predictions: pd.DataFrame) -> pd.DataFrame:
    """The precision-recall curve: columns ``sensitivity`` and ``ppv``."""
    ppv, found, _ = precision_recall_curve(predictions["truth"], sigmoid(predictions["logit"]))
    return pd.DataFrame({"sensitivity": found, "ppv": ppv})
