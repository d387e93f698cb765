"""Settings fitted on a site's films, judged on patients that had no part in them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit
from sklearn.model_selection import StratifiedGroupKFold

from core.data.labels import CLASSES
from core.messages.errors import TooFewFilms
from core.metrics.calibration import ReviewBand, balanced_threshold, calibrated, fit_temperature
from core.metrics.classification import BOOTSTRAP_SAMPLES
from core.metrics.logits import sigmoid
from core.metrics.operating_points import count_at, figures_at
from core.models.site import TRUSTED_WIDTH

FEWEST_FILMS, FEWEST_PATIENTS, FOLDS = 50, 10, 5
CURVE_STEPS, CURVE_DRAWS, _FEWEST_IN_CURVE = 5, 3, 20
_EDGES = (1e-9, 1 - 1e-9)


def check_enough(films: pd.DataFrame) -> None:
    """Refuse films that no settings can be fitted on.

    Args:
        films: Columns ``patient`` and ``truth``.

    Raises:
        TooFewFilms: Of a class.
    """
    for number, label in enumerate(CLASSES):
        own = films[films["truth"] == number]
        n, patients = len(own), own["patient"].nunique()
        if n < FEWEST_FILMS or patients < FEWEST_PATIENTS:
            raise TooFewFilms(
                label=label,
                films=n,
                patients=patients,
                fewest=FEWEST_FILMS,
                fewest_patients=FEWEST_PATIENTS,
            )


def judged(
    films: pd.DataFrame, temperature: float, threshold: float, band: ReviewBand
) -> pd.DataFrame:
    """Films under given settings.

    Args:
        films: Columns ``patient``, ``truth`` and ``logit``, not calibrated.
        temperature: Of the settings ...
        threshold: ... their operating point ...
        band: ... and review band.

    Returns:
        The films with ``logit`` calibrated, ``margin``: how far it lies over the operating point,
        as a logit, and ``held``: whether it is for review.
    """
    tempered = films["logit"] / temperature
    return films.assign(
        logit=tempered,
        margin=tempered - _logit(threshold),
        held=band.holds(sigmoid(tempered)),
    )


def out_of_fold(films: pd.DataFrame) -> pd.DataFrame:
    """Films judged with settings that were fitted on other patients, as ``judged`` gives them."""
    parts = []
    for rest, part in _folds(films):
        temperature, threshold, band = calibrated(films.iloc[rest])
        parts.append(judged(films.iloc[part], temperature, threshold, band))
    return pd.concat(parts).sort_index()


def width_curve(
    films: pd.DataFrame, samples: int = BOOTSTRAP_SAMPLES, seed: int = 0
) -> list[dict[str, float]]:
    """How wide the 95 % intervals are when so many films are commissioned with.

    Of each class the same share of patients is drawn, several times; each draw is fitted and judged
    out of fold like the whole.

    Args:
        films: Columns ``patient``, ``truth`` and ``logit``, not calibrated; enough of them.
        samples: Bootstrap samples of each interval.
        seed: Of the draws.

    Returns:
        Ascending: ``films``, and the mean widths of ``sensitivity`` and ``specificity``.
    """
    random = np.random.default_rng(seed)
    films = films.assign(logit=films["logit"] / fit_temperature(films))  # which moves no call
    first = _FEWEST_IN_CURVE / min((films["truth"] == number).sum() for number in (0, 1))
    points = []
    for share in np.geomspace(first, 1, CURVE_STEPS):
        draws = 1 if share > 1 - 1e-9 else CURVE_DRAWS
        drawn = [_some_patients(films, share, random) for _ in range(draws)]
        widths = [_widths(each, samples) for each in drawn]
        points.append(
            {
                "films": float(round(np.mean([len(each) for each in drawn]))),
                **{name: round(float(np.mean([w[name] for w in widths])), 4) for name in widths[0]},
            }
        )
    return points


def films_needed(curve: list[dict[str, float]], name: str) -> int:
    """With how many films the interval is as narrow as ``TRUSTED_WIDTH``; at least the fewest.

    Between the points of the curve, and beyond its end, the width goes with one over the root of
    the number of films.

    Args:
        curve: As ``width_curve`` gives it.
        name: ``sensitivity`` or ``specificity``.
    """
    narrow = [point for point in curve if point[name] <= TRUSTED_WIDTH]
    point = narrow[0] if narrow else curve[-1]
    wanted = int(np.ceil(point["films"] * (point[name] / TRUSTED_WIDTH) ** 2))
    return max(wanted, len(CLASSES) * FEWEST_FILMS)


def _folds(films: pd.DataFrame) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    yield from folds.split(films, films["truth"], groups=films["patient"])


def _some_patients(films: pd.DataFrame, share: float, random: np.random.Generator) -> pd.DataFrame:
    """The films of a share of the patients; who has films of both classes counts with the ill."""
    ill = films.groupby("patient")["truth"].max()
    kept: list[Any] = []
    for number in (0, 1):
        patients = ill.index[ill == number].to_numpy()
        wanted = min(len(patients), max(FOLDS, round(share * len(patients))))
        kept += random.choice(patients, wanted, replace=False).tolist()
    return films[films["patient"].isin(kept)]


def _widths(films: pd.DataFrame, samples: int) -> dict[str, float]:
    margins = np.empty(len(films))
    for rest, part in _folds(films):
        middle = _logit(balanced_threshold(films.iloc[rest]))
        margins[part] = films["logit"].iloc[part] - middle
    figures = figures_at(count_at(films.assign(logit=margins), 0.5, samples))
    return {
        name: float(figures[name]["high"] - figures[name]["low"])
        for name in ("sensitivity", "specificity")
    }


def _logit(probability: float) -> float:
    return float(logit(min(max(probability, _EDGES[0]), _EDGES[1])))
