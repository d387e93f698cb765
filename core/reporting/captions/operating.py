"""A threshold: its rates, and net benefit."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from core.messages.catalogue import text
from core.metrics.operating_points import RATES, Benefit
from core.reporting.captions.evidence import with_interval
from core.reporting.numbers import percent


def rates_table(figures: Mapping[str, Any], language: str) -> pd.DataFrame:
    """A row a rate, with its interval.

    Args:
        figures: What ``core.metrics.operating_points.figures_at`` gives.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    rows = [
        (words(f"metric.name.{name}"), with_interval(name, figures[name], language))
        for name in RATES
    ]
    columns = [words("metric.table.metric"), words("threshold.value")]
    return pd.DataFrame(rows, columns=columns).set_index(columns[0])


def decision_caption(benefit: Benefit, language: str) -> str:
    """The decision curve in words: where the model is worth more than calling all films or none."""
    reach = where_better(benefit.curve, benefit.threshold)
    if reach is None:
        return text(language, "threshold.caption.nowhere")
    low, high = (percent(edge, language) for edge in reach)
    return text(language, "threshold.caption.reach", low=low, high=high)


def where_better(curve: pd.DataFrame, near: float) -> tuple[float, float] | None:
    """The thresholds in a row at which the model has more benefit than calling all films or none.

    Args:
        curve: What ``core.metrics.operating_points.net_benefit`` gives, ascending.
        near: Of several stretches the one nearest to here is taken.

    Returns:
        The first and the last of them; None where there is none.
    """
    better = curve["model"] > curve["all"].clip(lower=0) + 1e-12
    stretches = [
        (float(part["threshold"].iloc[0]), float(part["threshold"].iloc[-1]))
        for _, part in curve[better].groupby((~better).cumsum()[better])
    ]
    return min(
        stretches,
        key=lambda ends: max(ends[0] - near, near - ends[1], 0.0),
        default=None,
    )
