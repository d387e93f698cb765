"""A threshold: its rates, predictive values at another prevalence, net benefit."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from core.messages.catalogue import text
from core.metrics.operating_points import RATES, Benefit, Figure
from core.models import ModelCard
from core.reporting.captions.evidence import with_interval
from core.reporting.numbers import percent

FILMS_ELSEWHERE = 1000


def thresholds_of(card: ModelCard | None, operating_point: float) -> dict[str, str]:
    """The thresholds that a reader may choose, and the names of those that were chosen.

    Whole percents and, exactly, the operating point and the edges of the review band.

    Args:
        card: The model's card; None where it is not here.
        operating_point: The threshold of the evaluation.

    Returns:
        By the threshold as it is written in an address, ascending: ``operating_point``,
        ``review_low``, ``review_high``, or nothing.
    """
    marks = {operating_point: "operating_point"}
    if card is not None and card.review_low < card.review_high:
        marks = {card.review_low: "review_low", card.review_high: "review_high"} | marks
    grid = dict.fromkeys(np.linspace(0, 1, 101).round(2).tolist(), "")
    return {f"{value:.10g}": name for value, name in sorted((grid | marks).items())}


def threshold_words(threshold: str, marks: Mapping[str, str], language: str) -> str:
    """A threshold as people read it, with its name if it has one."""
    share = percent(float(threshold), language)
    name = marks[threshold]
    return f"{share} · {text(language, f'threshold.mark.{name}')}" if name else share


def rates_table(
    figures: Mapping[str, Any],
    elsewhere: Mapping[str, Figure],
    prevalence: float,
    language: str,
) -> pd.DataFrame:
    """A row a rate with its interval and n, then PPV and NPV at the reader's prevalence.

    Args:
        figures: What ``core.metrics.operating_points.figures_at`` gives.
        elsewhere: What ``core.metrics.operating_points.at_prevalence`` gives.
        prevalence: Where it gives that, 0 to 1.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    counts = figures["confusion"]
    n = {
        "sensitivity": counts["tp"] + counts["fn"],
        "specificity": counts["tn"] + counts["fp"],
        "ppv": counts["tp"] + counts["fp"],
        "npv": counts["tn"] + counts["fn"],
    }
    rows = [
        (
            words(f"metric.name.{name}"),
            with_interval(name, figures[name], language),
            str(n.get(name, figures["n"])),
        )
        for name in RATES
    ]
    share = percent(prevalence, language)
    rows += [
        (
            words("threshold.at_prevalence", metric=words(f"metric.name.{name}"), share=share),
            with_interval(name, figure, language),
            "–",
        )
        for name, figure in elsewhere.items()
    ]
    columns = [words("metric.table.metric"), words("threshold.value"), words("metric.table.n")]
    return pd.DataFrame(rows, columns=columns).set_index(columns[0])


def elsewhere_sentence(figures: Mapping[str, Any], prevalence: float, language: str) -> str:
    """A thousand films at the reader's prevalence, counted out."""
    sensitivity, specificity = figures["sensitivity"]["value"], figures["specificity"]["value"]
    if sensitivity is None or specificity is None:
        return text(language, "evaluation.one_class")
    ill = round(FILMS_ELSEWHERE * prevalence)
    well = FILMS_ELSEWHERE - ill
    found, alarmed = round(ill * sensitivity), round(well * (1 - specificity))
    return text(
        language,
        "threshold.elsewhere",
        films=f"{FILMS_ELSEWHERE:,}",
        ill=ill,
        well=well,
        found=found,
        missed=ill - found,
        alarmed=alarmed,
        called=found + alarmed,
    )


def look_sentence(
    threshold: float, operating_point: float, dataset: str, language: str
) -> str | None:
    """That the figures are a look and not the model's result; None at its operating point."""
    if threshold == operating_point:
        return None
    words = partial(text, language)
    look = words(
        "threshold.look",
        threshold=percent(threshold, language),
        operating_point=percent(operating_point, language),
    )
    return f"{look} {words('threshold.look_test')}" if dataset == "test" else look


def films_caption(figures: Mapping[str, Any], language: str) -> str:
    """How many films lie on the wrong side of the threshold."""
    counts = figures["confusion"]
    return text(
        language,
        "threshold.caption.films",
        threshold=percent(figures["threshold"], language),
        wrong=counts["fp"] + counts["fn"],
        n=figures["n"],
        fn=counts["fn"],
        fp=counts["fp"],
    )


def decision_caption(benefit: Benefit, language: str) -> str:
    """The decision curve in words: the benefit at the operating point, and where it is best."""
    words = partial(text, language)
    reach = where_better(benefit.curve, benefit.threshold)
    verdict = "better" if benefit.model > max(benefit.everyone, 0.0) else "no_better"
    caption = words(
        f"threshold.caption.{verdict}",
        threshold=percent(benefit.threshold, language),
        benefit=f"{100 * benefit.model:.1f}",
        all=f"{100 * benefit.everyone:.1f}",
    )
    if reach is None:
        return f"{caption} {words('threshold.caption.nowhere')}"
    low, high = (percent(edge, language) for edge in reach)
    return f"{caption} {words('threshold.caption.reach', low=low, high=high)}"


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
