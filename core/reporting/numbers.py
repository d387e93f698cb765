"""How a figure of merit is written: rates as percentages, the others with three decimals."""

from collections.abc import Mapping
from typing import Any

from core.messages.catalogue import text
from core.metrics.rates import THRESHOLD_METRICS, wilson_of

PERCENTAGES = (*(name for name in THRESHOLD_METRICS if name != "f1"), "unchanged")
LOWER_IS_BETTER = ("log_loss", "brier", "ece")


def percent(share: float, language: str) -> str:
    """A share, 0 to 1, as a percentage with one decimal.

    Examples:
        >>> percent(0.974, "ko")
        '97.4%'
    """
    return text(language, "metric.percent", value=100 * share)


def signed(value: float) -> str:
    """A number with three decimals and, where it is under zero, a true minus.

    Examples:
        >>> signed(-0.1054), signed(0.0444)
        ('−0.105', '0.044')
    """
    words = f"{value:.3f}"
    return "0.000" if words == "-0.000" else words.replace("-", "−")


def written(metric: str, value: float | None, language: str) -> str:
    """One value of a metric, as people read it.

    Args:
        metric: One of ``core.metrics.classification.METRICS``.
        value: Its value; None where it is not defined.
        language: A language of the catalogue.

    Examples:
        >>> written("auroc", 0.98765, "en"), written("ppv", None, "en")
        ('0.988', 'not defined')
    """
    if value is None:
        return text(language, "metric.undefined")
    return percent(value, language) if metric in PERCENTAGES else f"{value:.3f}"


def written_interval(metric: str, figures: Mapping[str, Any], language: str) -> str:
    """The 95 % interval of a metric, or a dash where there is none.

    Args:
        metric: One of ``core.metrics.classification.METRICS``.
        figures: What ``with_intervals`` gives for a metric: ``low`` and ``high``.
        language: A language of the catalogue.
    """
    low, high = figures.get("low"), figures.get("high")
    if low is None or high is None:
        return "–"
    return text(
        language,
        "metric.interval",
        low=written(metric, low, language),
        high=written(metric, high, language),
    )


def written_share(part: int, whole: int, language: str) -> dict[str, str]:
    """A share of films that were counted, with its 95 % Wilson interval.

    Args:
        part: How many.
        whole: Of how many, at least 1.
        language: A language of the catalogue.

    Returns:
        ``share`` and ``interval``.

    Examples:
        >>> written_share(9, 10, "ko")
        {'share': '90.0%', 'interval': '59.6%~98.2%'}
    """
    low, high = (percent(edge, language) for edge in wilson_of(part, whole))
    interval = text(language, "metric.interval", low=low, high=high)
    return {"share": percent(part / whole, language), "interval": interval}
