"""Charts of review, subgroups and stress."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from core.messages.catalogue import text
from core.reporting.captions.evidence import (
    RATES,
    by_condition,
    condition_name,
    found_share,
    group_name,
    groups_of,
)
from core.reporting.charts.dots import Series, dot_plot, lay_out_rows, points
from core.reporting.charts.style import CURVE, MARKS, QUIET, Mark
from core.results.model_records import Candidate

_FRAME_PX, _ROW_PX = 110, 30
_ALL, _REST = MARKS[6], CURVE
_CHOSEN, _OTHERS = CURVE, Mark(QUIET, "circle")


def review_chart(summary: Mapping[str, Any], language: str) -> go.Figure:
    """Accuracy, sensitivity and specificity, of all films and of those outside the review band.

    Args:
        summary: What ``python -m core evaluate`` writes; ``review`` has a ``rest``.
        language: A language of the catalogue.
    """
    rest = summary["review"]["rest"]
    series = [
        Series(text(language, "evaluation.review.all"), _ALL, [summary[name] for name in RATES]),
        Series(text(language, "evaluation.review.rest"), _REST, [rest[name] for name in RATES]),
    ]
    rows = [text(language, f"metric.name.{name}") for name in RATES]
    return dot_plot(rows, series, text(language, "evaluation.axis.share"), ".0%")


def subgroups_chart(summary: Mapping[str, Any], language: str) -> go.Figure:
    """Sensitivity in each group of pneumonias, with intervals.

    Args:
        summary: What ``python -m core evaluate`` writes; ``subgroups`` has at least one.
        language: A language of the catalogue.
    """
    groups = groups_of(summary)
    rows = [group_name(name, language) for name in groups]
    series = [Series("", CURVE, [found_share(each) for each in groups.values()])]
    return dot_plot(rows, series, text(language, "metric.name.sensitivity"), ".0%")


def stress_chart(chosen: Candidate, others: Sequence[Candidate], language: str) -> go.Figure:
    """AUROC under each stress condition, the worst on top; other candidates as small open marks.

    Args:
        chosen: The chosen candidate.
        others: The other candidates, likewise.
        language: A language of the catalogue.
    """
    names = {name: condition_name(name, language) for name in by_condition(chosen)}

    def under_each(candidates: Sequence[Candidate]) -> dict[str, list[float]]:
        return {
            row: [candidate.auroc[name] for candidate in candidates] for name, row in names.items()
        }

    figure = go.Figure()
    if others:
        legend = text(language, "evaluation.legend.others")
        figure.add_trace(points(legend, _OTHERS, under_each(others)))
    legend = text(language, "evaluation.legend.chosen")
    figure.add_trace(points(legend, _CHOSEN, under_each([chosen]), is_main=True))
    lay_out_rows(figure, list(names.values()), text(language, "metric.name.auroc"))
    return figure.update_layout(height=_FRAME_PX + _ROW_PX * len(names))
