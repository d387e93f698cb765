"""An evaluation: its headline, its tables, and what its charts say to who cannot see them."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from core.messages.catalogue import text
from core.metrics.classification import METRICS
from core.reporting.numbers import percent, written, written_interval

RATES = ("sensitivity", "specificity", "ppv", "npv")
TABLE_ORDER = (*RATES, *(name for name in METRICS if name not in RATES))
FIRST_FIGURES = ("sensitivity", "specificity", "auroc", "ece")
"""What stands above the fold."""
GUESSING = 0.5
"""The AUROC of guessing: a model whose interval reaches down to it has failed."""


def is_no_better_than_chance(summary: Mapping[str, Any]) -> bool:
    """Whether the interval of the AUROC reaches down to guessing, or lies under it."""
    low = summary["auroc"]["low"]
    return low is not None and low <= GUESSING


def headline(summary: Mapping[str, Any], dataset: str, language: str) -> str:
    """What the model is worth on a set, by the rule of the Diagnosis page: a call, or review.

    Args:
        summary: What ``core.metrics.classification.with_intervals`` gives, with ``review`` where
            the model has a review band.
        dataset: The set's name, as people read it.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    if is_no_better_than_chance(summary):
        auroc = written("auroc", summary["auroc"]["value"], language)
        return words("evaluation.headline.fails", dataset=dataset, auroc=auroc)
    review = summary.get("review")
    if not review or not review["n"] or not review["rest"]:
        right = written("accuracy", summary["accuracy"]["value"], language)
        return words("evaluation.headline.all", right=right)
    return words(
        "evaluation.headline.review",
        right=written("accuracy", review["rest"]["accuracy"]["value"], language),
        share=percent(review["share"], language),
    )


def metrics_table(summary: Mapping[str, Any], language: str) -> pd.DataFrame:
    """A row a metric: name, value, 95 % interval, and the number of films behind it.

    Args:
        summary: What ``core.metrics.classification.with_intervals`` gives.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    n = films_behind(summary["confusion"])
    rows = [
        (
            words(f"metric.name.{name}"),
            written(name, summary[name]["value"], language),
            written_interval(name, summary[name], language),
            f"{n.get(name, summary['n']):,}",
        )
        for name in TABLE_ORDER
    ]
    columns = [words(f"metric.table.{name}") for name in ("metric", "value", "interval", "n")]
    return pd.DataFrame(rows, columns=columns).set_index(columns[0])


def metrics_glossary(language: str) -> str:
    """A Markdown list of what each metric means."""
    words = partial(text, language)
    return "\n".join(
        f"- **{words(f'metric.name.{name}')}**: {words(f'metric.about.{name}')}"
        for name in TABLE_ORDER
    )


def confusion_caption(summary: Mapping[str, Any], language: str) -> str:
    """The confusion matrix in words."""
    return text(language, "evaluation.caption.confusion", **counts_of(summary["confusion"]))


def chart_words(chart: str, summary: Mapping[str, Any], language: str) -> str:
    """What a curve shows, for who cannot see it: its area and operating point, with intervals.

    Args:
        chart: ``roc``, ``precision_recall`` or ``reliability``.
        summary: What ``core.metrics.classification.with_intervals`` gives.
        language: A language of the catalogue.
    """
    figures = {}
    for name in ("sensitivity", "specificity", "ppv", "auroc", "auprc", "ece"):
        figures[name] = written(name, summary[name]["value"], language)
        figures[f"{name}_interval"] = written_interval(name, summary[name], language)
    return text(language, f"evaluation.caption.{chart}", n=summary["n"], **figures)


def has_both_classes(summary: Mapping[str, Any]) -> bool:
    """Whether an evaluation has normal films and pneumonias, as the curves need."""
    counts = counts_of(summary["confusion"])
    return counts["positives"] > 0 and counts["negatives"] > 0


def counts_of(confusion: Mapping[str, int]) -> dict[str, int]:
    """The counts of a confusion matrix, with how many films of each class there are."""
    positives, negatives = confusion["tp"] + confusion["fn"], confusion["tn"] + confusion["fp"]
    return {**confusion, "positives": positives, "negatives": negatives}


def films_behind(confusion: Mapping[str, int]) -> dict[str, int]:
    """The denominator of each rate that is not a share of all films."""
    counts = counts_of(confusion)
    called = (counts["tp"] + counts["fp"], counts["tn"] + counts["fn"])
    return dict(zip(RATES, (counts["positives"], counts["negatives"], *called), strict=True))
