"""Dot plots with intervals: a row a name, a mark a series."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from core.reporting.charts.style import Mark, finish

_ROW_PX, _FRAME_PX = 52, 96
_APART, _LOWEST = 0.28, 0.42
"""Of a row's height: between the series of a row, and the lowest that any may stand."""


@dataclass(frozen=True, slots=True)
class Series:
    """The marks of one series, in the order of the rows.

    Args:
        name: Its name in the legend; empty where it is alone.
        mark: How it is drawn.
        figures: A row each: ``value``, ``low`` and ``high``; None where it is not defined.
    """

    name: str
    mark: Mark
    figures: Sequence[Mapping[str, float | None]]


def dot_plot(
    rows: Sequence[str], series: Sequence[Series], x_title: str, tickformat: str | None = None
) -> go.Figure:
    """A dot and its interval for each row and series, the names of the rows above them.

    Args:
        rows: Names, from the top.
        series: At least one; several stand below each other in each row.
        x_title: What the horizontal axis shows.
        tickformat: How its values are written, in d3's words.
    """
    figure = go.Figure()
    apart = min(_APART, _LOWEST / max(len(series) - 1, 1))
    for place, each in enumerate(series):
        shown = [
            (row + apart * place, name, figures)
            for row, (name, figures) in enumerate(zip(rows, each.figures, strict=True))
            if figures["value"] is not None
        ]
        figure.add_scatter(
            x=[figures["value"] for _, _, figures in shown],
            y=[row for row, _, _ in shown],
            customdata=[name for _, name, _ in shown],
            mode="markers",
            marker={"size": 12, "symbol": each.mark.symbol, "color": each.mark.colour},
            error_x=error_bars([figures for _, _, figures in shown], each.mark.colour),
            name=each.name,
            showlegend=len(series) > 1,
            hovertemplate=_hover(tickformat),
        )
    return lay_out_rows(figure, rows, x_title, tickformat)


def error_bars(figures: Sequence[Mapping[str, Any]], colour: str) -> dict[str, Any]:
    """Plotly's words for intervals: each figure has ``value``, ``low`` and ``high``."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [each["high"] - each["value"] for each in figures],
        "arrayminus": [each["value"] - each["low"] for each in figures],
        "color": colour,
        "thickness": 1.5,
        "width": 5,
    }


def points(
    name: str,
    look: Mark,
    values: Mapping[str, Sequence[float]],
    is_main: bool = False,
    place: int = 0,
) -> go.Scatter:
    """Marks without intervals, any number in each row.

    Args:
        name: The series' name in the legend.
        look: How they are drawn.
        values: The values of each row, by its name, from the top.
        is_main: Whether the series is the figure's own, or others to compare it with: those are
            small and open.
        place: Which series it is in each row: 0 is on the line, 1 below it.
    """
    spots = [(row, name, x) for row, (name, xs) in enumerate(values.items()) for x in xs]
    return go.Scatter(
        x=[x for _, _, x in spots],
        y=[row + _APART * place for row, _, _ in spots],
        customdata=[name for _, name, _ in spots],
        mode="markers",
        marker={
            "size": 12 if is_main else 9,
            "symbol": look.symbol if is_main else f"{look.symbol}-open",
            "color": look.colour,
        },
        name=name,
        showlegend=True,
        hovertemplate=_hover(None),
    )


def lay_out_rows(
    figure: go.Figure,
    rows: Sequence[str],
    x_title: str,
    tickformat: str | None = None,
) -> go.Figure:
    """Name the rows of a dot plot, above the dots, so that a narrow screen has room for both."""
    figure.update_xaxes(
        title=x_title, tickformat=tickformat, dtick=_step(_spread(figure)), zeroline=False
    )
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=list(rows),
        range=[len(rows) - 0.45, -0.62],
        ticklabelposition="inside top",
        showgrid=True,
        zeroline=False,
    )
    return finish(figure, height_px=_FRAME_PX + _ROW_PX * max(len(rows), 2))


def _spread(figure: go.Figure) -> float:
    """How far the values of a dot plot lie apart, with their intervals."""
    ends = [x for trace in figure.data for x in trace.x]
    for trace in figure.data:
        bars = zip(trace.x, trace.error_x.arrayminus or (), trace.error_x.array or (), strict=False)
        for x, under, over in bars:
            ends += [x - under, x + over]
    return max(ends, default=1) - min(ends, default=0)


def _step(spread: float) -> float:
    """A round step that a scale of this length holds three to five times, on a phone too.

    Examples:
        >>> _step(0.075), _step(0.4)
        (0.02, 0.1)
    """
    rough = max(spread, 1e-3) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= 0.999 * rough)


def _hover(tickformat: str | None) -> str:
    return f"%{{customdata}}: %{{x:{tickformat or '.4f'}}}<extra></extra>"
