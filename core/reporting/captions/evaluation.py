"""An evaluation: its table, its sentence and the captions of its charts."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from core.messages.catalogue import text
from core.metrics.classification import METRICS, sigmoid
from core.reporting.numbers import percent, written, written_interval

TABLE_ORDER = (
    "sensitivity",
    "specificity",
    "ppv",
    "npv",
    *(name for name in METRICS if name not in ("sensitivity", "specificity", "ppv", "npv")),
)


def metrics_table(summary: Mapping[str, Any], language: str) -> pd.DataFrame:
    """A row a metric: name, value, 95 % interval, and the number of films behind it.

    Args:
        summary: What ``core.metrics.classification.with_intervals`` gives.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    n = _films_behind(summary)
    rows = [
        (
            words(f"metric.name.{name}"),
            written(name, summary[name]["value"], language),
            written_interval(name, summary[name], language),
            str(n.get(name, summary["n"])),
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


def evaluation_sentence(summary: Mapping[str, Any], language: str) -> str:
    """What the model found and what it called falsely, with counts."""
    counts = _counts(summary)
    return text(
        language,
        "evaluation.sentence",
        **counts,
        sensitivity=written("sensitivity", summary["sensitivity"]["value"], language),
        false_alarms=_share(counts["fp"], counts["negatives"], language),
    )


def confusion_caption(summary: Mapping[str, Any], language: str) -> str:
    """The confusion matrix in words."""
    return text(language, "evaluation.caption.confusion", **_counts(summary))


def roc_caption(summary: Mapping[str, Any], language: str) -> str:
    """The ROC curve in words: area and operating point with their intervals."""
    figures = _figures(summary, ("auroc", "sensitivity", "specificity"), language)
    return text(language, "evaluation.caption.roc", n=summary["n"], **figures)


def precision_recall_caption(summary: Mapping[str, Any], language: str) -> str:
    """The precision-recall curve in words: area, operating point and what guessing reaches."""
    return text(
        language,
        "evaluation.caption.precision_recall",
        n=summary["n"],
        prevalence=_share(_counts(summary)["positives"], summary["n"], language),
        **_figures(summary, ("auprc", "ppv"), language),
    )


def reliability_caption(
    predictions: pd.DataFrame, summary: Mapping[str, Any], language: str
) -> str:
    """The reliability diagram in words: which way the probabilities err, and how far."""
    predicted = float(sigmoid(predictions["logit"]).mean())
    observed = float(predictions["truth"].mean())
    direction = "high" if predicted >= observed else "low"
    gap = text(language, "metric.points", value=100 * abs(predicted - observed))
    return text(
        language,
        "evaluation.caption.reliability",
        n=summary["n"],
        predicted=percent(predicted, language),
        observed=percent(observed, language),
        verdict=text(language, f"evaluation.calibration.{direction}", gap=gap),
        **_figures(summary, ("ece",), language),
    )


def has_both_classes(summary: Mapping[str, Any]) -> bool:
    """Whether an evaluation has normal films and pneumonias, as the curves need."""
    counts = _counts(summary)
    return counts["positives"] > 0 and counts["negatives"] > 0


def _counts(summary: Mapping[str, Any]) -> dict[str, int]:
    counts = dict(summary["confusion"])
    counts["positives"] = counts["tp"] + counts["fn"]
    counts["negatives"] = counts["tn"] + counts["fp"]
    return counts


def _films_behind(summary: Mapping[str, Any]) -> dict[str, int]:
    """The denominator of each rate that is not a share of all films."""
    counts = _counts(summary)
    return {
        "sensitivity": counts["positives"],
        "specificity": counts["negatives"],
        "ppv": counts["tp"] + counts["fp"],
        "npv": counts["tn"] + counts["fn"],
    }


def _share(part: int, whole: int, language: str) -> str:
    return percent(part / whole, language) if whole else text(language, "metric.undefined")


def _figures(summary: Mapping[str, Any], metrics: tuple[str, ...], language: str) -> dict[str, str]:
    """Each metric and its interval, written out: ``NAME`` and ``NAME_interval``."""
    values = {name: written(name, summary[name]["value"], language) for name in metrics}
    intervals = {
        f"{name}_interval": written_interval(name, summary[name], language) for name in metrics
    }
    return values | intervals
