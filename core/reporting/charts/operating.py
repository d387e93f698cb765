"""Figures of a threshold: where it lies among the films, the matrix to click, and what it is worth.

``core.metrics.operating_points`` computes what they show.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.data.labels import CLASSES, target_of
from core.messages.catalogue import text
from core.metrics.classification import COUNTS, sigmoid
from core.metrics.operating_points import Benefit
from core.reporting.charts.evaluation import confusion_chart
from core.reporting.charts.style import CLASS_MARKS, MARKS, QUIET, finish

_BAND_COLOUR = MARKS[5].colour
_CELL_PX = 60
_SPREAD, _NAME_OVER = 0.3, 0.42
_GOLDEN = 0.618034


def films_chart(
    predictions: pd.DataFrame,
    threshold: float,
    operating_point: float,
    band: tuple[float, float] | None,
    language: str,
) -> go.Figure:
    """Every film by its probability, a row a class; lines where the thresholds lie.

    Args:
        predictions: Columns ``image``, ``truth`` and ``logit``.
        threshold: The reader's threshold: the solid line.
        operating_point: The model's: the dotted line.
        band: The review band, shaded; None where there is none.
        language: A language of the catalogue.
    """
    figure = go.Figure()
    for label in CLASSES:
        films = predictions[predictions["truth"] == target_of(label)]
        look = CLASS_MARKS[label]
        row = CLASSES.index(label)
        shake = (np.arange(len(films)) * _GOLDEN % 1 - 0.5) * 2 * _SPREAD  # even, never random
        figure.add_scatter(
            x=sigmoid(films["logit"]),
            y=row + 0.1 + shake,
            customdata=films["image"],
            mode="markers",
            marker={"symbol": look.symbol, "size": 6, "color": look.colour, "opacity": 0.55},
            showlegend=False,
            hovertemplate="%{customdata}<br>%{x:.1%}<extra></extra>",
        )
    if band and band[0] < band[1]:
        figure.add_vrect(
            *band, fillcolor=_BAND_COLOUR, opacity=0.18, layer="below", line={"width": 0}
        )
    figure.add_vline(operating_point, line={"color": QUIET, "dash": "dot", "width": 2})
    figure.add_vline(threshold, line={"color": MARKS[4].colour, "width": 2})
    figure.update_xaxes(
        title=text(language, "threshold.axis.probability"),
        range=[-0.012, 1.012],
        tickformat=".0%",
        dtick=0.25,
        ticklabeloverflow="allow",
        zeroline=False,
    )
    figure.update_yaxes(
        tickvals=[row - _NAME_OVER for row in range(len(CLASSES))],
        ticktext=[text(language, f"metric.class.{label}") for label in CLASSES],
        range=[len(CLASSES) - 0.5, -0.55],
        ticklabelposition="inside",
        showgrid=False,
        zeroline=False,
    )
    return finish(figure, height_px=250)


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
            line={"color": MARKS[4].colour, "width": 3},
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
        ("model", curve["model"], {"color": MARKS[0].colour, "width": 2.5}),
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
        marker={"symbol": MARKS[1].symbol, "size": 13, "color": MARKS[1].colour},
        name=words("evaluation.legend.operating_point"),
        hovertemplate=words("threshold.hover.benefit") + "<extra></extra>",
    )
    top = float(max(curve["model"].max(), curve["all"].max()))
    figure.update_xaxes(
        title=words("threshold.axis.odds"), range=[-0.02, 1.02], tickformat=".0%", dtick=0.25
    )
    figure.update_yaxes(title=words("threshold.axis.benefit"), range=[-0.25 * top, 1.08 * top])
    return finish(figure, height_px=460)
