"""Figures of a threshold: the matrix to click, and what it is worth.

``core.metrics.operating_points`` computes what they show.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import plotly.graph_objects as go

from core.data.labels import CLASSES
from core.messages.catalogue import text
from core.metrics.classification import COUNTS
from core.metrics.operating_points import Benefit
from core.reporting.charts.evaluation import confusion_chart
from core.reporting.charts.style import CURVE, MARKS, POINT, QUIET, finish

_CELL_PX = 60


def cells_chart(counts: Mapping[str, int], chosen: str | None, language: str) -> go.Figure:
    """The confusion matrix with cells that can be clicked, the chosen one framed.

    Args:
        counts: ``tn``, ``fp``, ``fn`` and ``tp``.
        chosen: One of these, or None.
        language: A language of the catalogue.
    """
    figure = confusion_chart(counts, language)
    names = [text(language, f"metric.class.{label}") for label in CLASSES]
    figure.add_scatter(  # Plotly selects points, and no cells of a heatmap
        x=[names[place % 2] for place in range(len(COUNTS))],
        y=[names[place // 2] for place in range(len(COUNTS))],
        customdata=list(COUNTS),
        mode="markers",
        marker={"size": 2 * _CELL_PX, "symbol": "square", "color": "rgba(0, 0, 0, 0)"},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        showlegend=False,
        hovertemplate=text(language, "threshold.hover.cell") + "<extra></extra>",
    )
    if chosen in COUNTS:
        place = COUNTS.index(chosen)
        x, y = place % 2, place // 2
        figure.add_shape(
            type="rect",
            x0=x - 0.49,
            x1=x + 0.49,
            y0=y - 0.49,
            y1=y + 0.49,
            line={"color": POINT.colour, "width": 3},
        )
    figure.update_layout(hoverdistance=-1)
    return figure


def decision_chart(benefit: Benefit, language: str) -> go.Figure:
    """The decision curve: net benefit of the model, of calling all films, and of calling none.

    Args:
        benefit: Of the model; both classes occur.
        language: A language of the catalogue.
    """
    words, curve = partial(text, language), benefit.curve
    figure = go.Figure()
    looks: Sequence[tuple[str, Any, dict[str, Any]]] = (
        ("none", 0 * curve["all"], {"color": QUIET, "dash": "dot", "width": 1.5}),
        ("all", curve["all"], {"color": MARKS[2].colour, "dash": "dash", "width": 1.5}),
        ("model", curve["model"], {"color": CURVE.colour, "width": 2.5}),
    )
    for name, worth, line in looks:
        figure.add_scatter(
            x=curve["threshold"],
            y=worth,
            mode="lines",
            line=line,
            name=words(f"threshold.legend.{name}"),
            hovertemplate=words("threshold.hover.benefit") + "<extra></extra>",
        )
    figure.add_scatter(
        x=[benefit.threshold],
        y=[benefit.model],
        mode="markers",
        marker={"symbol": POINT.symbol, "size": 13, "color": POINT.colour},
        name=words("evaluation.legend.operating_point"),
        hovertemplate=words("threshold.hover.benefit") + "<extra></extra>",
    )
    top = float(max(curve["model"].max(), curve["all"].max()))
    figure.update_xaxes(
        title=words("threshold.axis.odds"), range=[-0.02, 1.02], tickformat=".0%", dtick=0.25
    )
    figure.update_yaxes(title=words("threshold.axis.benefit"), range=[-0.25 * top, 1.08 * top])
    return finish(figure, height_px=400)
