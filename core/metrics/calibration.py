"""Calibration: from logit to probability, and from probability to verdict or review.

Everything here is fitted on films held out of training, never on test films.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupKFold

from core.metrics.logits import Floats, sigmoid

LARGEST_REVIEW_SHARE = 0.1
ALPHAS = (0.005, 0.01, 0.015, 0.02, 0.03, 0.05)
_TEMPERATURES = (0.1, 10.0)
_FOLDS = 5
_FLATTEST = 1e-6


@dataclass(frozen=True, slots=True)
class ReviewBand:
    """Probabilities from ``low`` to under ``high`` are for a radiologist to review.

    Args:
        low: From here.
        high: To under here.
        alpha: The share of each class that may fall on the other class's side of the band.
    """

    low: float
    high: float
    alpha: float

    def holds(self, probability: Floats) -> NDArray[np.bool_]:
        """Which of (N,) probabilities lie in it."""
        return (self.low <= probability) & (probability < self.high)


def calibrated(readings: pd.DataFrame) -> tuple[float, float, ReviewBand]:
    """Temperature, operating point and review band, each fitted on what the one before gives.

    Args:
        readings: Held-out films: columns ``patient``, ``truth`` and ``logit``, not calibrated.
    """
    temperature = fit_temperature(readings)
    tempered = readings.assign(logit=readings["logit"] / temperature)
    threshold = balanced_threshold(tempered)
    return temperature, threshold, choose_band(tempered, threshold)


def fit_temperature(predictions: pd.DataFrame) -> float:
    """The temperature under which logits have the least log loss.

    Guo et al., ICML 2017, https://arxiv.org/abs/1706.04599. Fitted once, after averaging.

    Args:
        predictions: Held-out films: columns ``truth`` and ``logit``, not calibrated.
    """
    truth, logit = predictions["truth"].to_numpy(), predictions["logit"].to_numpy()

    def loss(log_temperature: float) -> float:
        return float(log_loss(truth, sigmoid(logit / np.exp(log_temperature)), labels=[0, 1]))

    found = minimize_scalar(loss, bounds=np.log(_TEMPERATURES), method="bounded")
    return float(f"{np.exp(found.x):.4g}")


def balanced_threshold(predictions: pd.DataFrame) -> float:
    """Where a film would be as likely of either class, if both were equally frequent.

    There both errors weigh alike, however many of the films show pneumonia. It is the middle of a
    logistic curve through all films (Platt, 1999, the classes weighing alike), so it does not hang
    on the few films that the threshold of the highest balanced accuracy hangs on.

    Args:
        predictions: Held-out films of both classes: columns ``truth`` and ``logit``.

    Returns:
        A probability of four decimals.
    """
    curve = LogisticRegression(class_weight="balanced")
    curve.fit(predictions[["logit"]].to_numpy(), predictions["truth"])
    middle = -curve.intercept_[0] / max(curve.coef_[0, 0], _FLATTEST)
    return float(np.clip(round(float(sigmoid(middle)), 4), 1e-4, 1 - 1e-4))


def conformal_band(predictions: pd.DataFrame, alpha: float, threshold: float) -> ReviewBand:
    """The probabilities that a class-conditional conformal predictor cannot give one class.

    A class is among a film's possible classes if, counting the film itself, more than a share
    ``alpha`` of the films of that class look no more like it (Vovk, Gammerman and Shafer, 2005,
    Mondrian conformal prediction). A class with too few held-out films to leave any out is always
    possible. Films with both classes possible, or none, are for review. So is the way to the
    operating point, so that a verdict never contradicts it.

    Args:
        predictions: Held-out films: columns ``truth`` and ``logit``, calibrated.
        alpha: The share of each class that may be left out.
        threshold: The operating point.
    """
    probability = sigmoid(predictions["logit"])
    pneumonia = np.sort(probability[predictions["truth"] == 1])
    normal = np.sort(probability[predictions["truth"] == 0])[::-1]
    edges = (_edge(pneumonia, alpha, 0.0), _edge(normal, alpha, 1.0))
    low = max(0.0, np.floor(min(*edges, threshold) * 1e4) / 1e4)
    high = min(1.0, np.ceil(max(*edges, threshold) * 1e4) / 1e4)
    return ReviewBand(float(low), float(high), alpha)


def _edge(least_typical_first: Floats, alpha: float, farthest: float) -> float:
    """The least typical probability that still counts as possible for a class.

    Args:
        least_typical_first: (N,), of the held-out films of the class.
        alpha: The share of them that may be left out.
        farthest: The least typical probability of all.
    """
    rank = int(np.floor(alpha * (len(least_typical_first) + 1)))
    return float(least_typical_first[rank - 1]) if rank else farthest


def choose_band(predictions: pd.DataFrame, threshold: float) -> ReviewBand:
    """The band of the strictest ``alpha`` that sends at most a tenth of held-out films to review.

    Whether it does is counted out of fold: each fifth of the patients under the band of the rest.
    Where every ``alpha`` sends more, the most lenient one is taken.

    Args:
        predictions: Held-out films: columns ``patient``, ``truth`` and ``logit``, calibrated.
        threshold: The operating point.
    """
    for alpha in ALPHAS:
        if _review_share(predictions, alpha, threshold) <= LARGEST_REVIEW_SHARE:
            break
    return conformal_band(predictions, alpha, threshold)


def _review_share(predictions: pd.DataFrame, alpha: float, threshold: float) -> float:
    """The share of films under review, each under a band that its patient had no part in."""
    folds = min(_FOLDS, predictions["patient"].nunique())
    reviewed = 0
    for rest, part in GroupKFold(folds).split(predictions, groups=predictions["patient"]):
        band = conformal_band(predictions.iloc[rest], alpha, threshold)
        reviewed += int(band.holds(sigmoid(predictions["logit"].iloc[part])).sum())
    return reviewed / len(predictions)
