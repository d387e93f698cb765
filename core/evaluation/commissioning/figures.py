"""What is told of a site's films: figures of merit, groups, drift against the training films."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from core.data.labels import CLASSES
from core.data.training_films import MEASURES, PERCENTILES
from core.metrics.classification import (
    BOOTSTRAP_SAMPLES,
    equal_bins,
    with_intervals,
)
from core.metrics.logits import sigmoid
from core.metrics.operating_points import count_at, figures_at
from core.metrics.shares import mean_of

FEWEST_IN_GROUP = 20
_AGES = ((0, 1, "under_1"), (1, 6, "1_to_5"), (6, 16, "6_to_15"), (16, 200, "adult"))
_RATES = ("sensitivity", "specificity", "accuracy")
_EVEN = 0.5
"""Of a margin: at or over it a film is called pneumonia."""


def headline(films: pd.DataFrame, samples: int = BOOTSTRAP_SAMPLES) -> dict[str, Any]:
    """The figures of films under some settings.

    Args:
        films: As ``core.evaluation.commissioning.fit.judged`` gives them.
        samples: Bootstrap samples, over patients.

    Returns:
        ``n``, ``patients`` and ``confusion``; ``sensitivity``, ``specificity``, ``accuracy``,
        ``auroc``, ``ece`` and ``log_loss``, each with ``value``, ``low`` and ``high``; ``review``:
        the share under review, likewise; and ``rest``: ``n`` and ``accuracy`` of the others, None
        where there are none.
    """
    whole = with_intervals(films, _EVEN, samples=samples)
    rest = films[~films["held"]]
    return {
        **_rates(films, samples),
        **{name: whole[name] for name in ("auroc", "ece", "log_loss")},
        "review": mean_of(films["held"].to_numpy(), films["patient"], samples),
        "rest": _picked(_rates(rest, samples), ("n", "accuracy")) if len(rest) else None,
    }


def _rates(films: pd.DataFrame, samples: int) -> dict[str, Any]:
    figures = figures_at(count_at(films.assign(logit=films["margin"]), _EVEN, samples))
    return _picked(figures, ("n", "patients", "confusion", *_RATES))


def _picked(figures: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: figures[name] for name in names}


def groups(films: pd.DataFrame, samples: int = BOOTSTRAP_SAMPLES) -> list[dict[str, Any]]:
    """Figures of age groups, years and views of at least ``FEWEST_IN_GROUP`` films.

    Args:
        films: As ``judged`` gives them, with ``age_years``, ``year`` and ``view``.
        samples: Bootstrap samples.

    Returns:
        ``kind``, ``name``, ``n``, ``sensitivity`` and ``specificity``; a kind of which there is
        only one group is left out.
    """
    found = []
    for kind, members in _members(films).items():
        own = {name: each for name, each in members if len(each) >= FEWEST_IN_GROUP}
        if len(own) > 1:
            found += [
                {
                    "kind": kind,
                    "name": name,
                    **_picked(_rates(each, samples), ("n", "sensitivity", "specificity")),
                }
                for name, each in own.items()
            ]
    return found


def _members(films: pd.DataFrame) -> dict[str, Iterator[tuple[str, pd.DataFrame]]]:
    ages = films["age_years"].astype(float)
    return {
        "age": ((name, films[(low <= ages) & (ages < high)]) for low, high, name in _AGES),
        "year": ((str(int(year)), each) for year, each in films.groupby("year")),
        "view": ((str(view), each) for view, each in films.groupby("view")),
    }


def calibration(films: pd.DataFrame) -> list[dict[str, float]]:
    """The reliability diagram, a mark a bin: ``n``, ``predicted`` and ``observed``."""
    bins = equal_bins(films["truth"].to_numpy(), sigmoid(films["logit"]))
    return [{str(k): round(float(v), 6) for k, v in row.items()} for row in bins.to_dict("records")]


def drift(films: pd.DataFrame, training: pd.DataFrame | None) -> list[dict[str, Any]]:
    """How far brightness and framing lie from the training films', by class.

    Args:
        films: Columns ``truth`` and ``MEASURES``.
        training: As ``core.results.data_summary.read_training_films`` gives it, or None.

    Returns:
        ``measure``, ``label``, ``training`` and ``site``: values at ``PERCENTILES``, and
        ``outside``: the share of the site's films beyond the first and last of the training films,
        of which a tenth is.
    """
    if training is None:
        return []
    columns = [f"p{percentile}" for percentile in PERCENTILES]
    rows = []
    for measure in MEASURES:
        for number, label in enumerate(CLASSES):
            of_both = (training["measure"] == measure) & (training["label"] == label)
            known = training.loc[of_both, columns]
            own = films.loc[films["truth"] == number, measure]
            if known.empty or own.empty:
                continue
            usual = known.iloc[0].tolist()
            rows.append(
                {
                    "measure": measure,
                    "label": str(label),
                    "training": usual,
                    "site": own.quantile([p / 100 for p in PERCENTILES]).round(4).tolist(),
                    "outside": round(float(((own < usual[0]) | (own > usual[-1])).mean()), 4),
                }
            )
    return rows
