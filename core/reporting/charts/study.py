"""Figures of the studies behind their comparison: losses, mixup as a grid, speed."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core.messages.catalogue import text
from core.metrics.over_seeds import Estimate
from core.reporting.captions.study_names import (
    figure_name,
    row_title,
    variant_title,
    written_figure,
)
from core.reporting.charts.dots import Series, dot_plot
from core.reporting.charts.style import CURVE, FILL, MARKS, finish, inked
from core.reporting.numbers import PERCENTAGES
from core.training.experiments.study import Study
from core.training.experiments.summary import LOWER_FIRST, VariantFigures

_LARGEST_PX = 56
_PLOT_PX = (290, 330)
"""About the area in which marks are drawn on a telephone; a wide page has them further apart."""
_LETTER_PX = (6.5, 16)
"""About the width and the height of a letter of a mark's name."""
GAP_SPLITS = ("train", "val", "test")


def tickformat_of(figure: str) -> str | None:
    """How a figure is written on an axis, in d3's words: rates as percentages."""
    return ".1%" if figure.split("_", 1)[-1] in PERCENTAGES else None


def bar_of(estimate: Estimate | None) -> dict[str, float | None]:
    """An estimate as error bars take it; without an interval, they have no length."""
    if estimate is None:
        return dict.fromkeys(("value", "low", "high"))
    value, low, high = estimate.value, estimate.low, estimate.high
    return {
        "value": value,
        "low": value if low is None else low,
        "high": value if high is None else high,
    }


def gap_dots(
    study: Study, compared: Mapping[str, Sequence[VariantFigures]], language: str
) -> go.Figure:
    """The loss of training, validation and, where looked at, test films of each variant.

    Args:
        study: The study.
        compared: The variants in the same order, by split of ``GAP_SPLITS``.
        language: A language of the catalogue.
    """
    first = next(iter(compared.values()))
    series = [
        Series(
            text(language, f"study.legend.{split}"),
            MARKS[place],
            [bar_of(each.estimate) for each in variants],
        )
        for place, (split, variants) in enumerate(compared.items())
    ]
    rows = [row_title(study, each, language) for each in first]
    return dot_plot(rows, series, text(language, "study.axis.loss"))


def mixup_grid(compared: Sequence[VariantFigures], figure: str, language: str) -> go.Figure:
    """The mean of every mixup setting as a heatmap, share by alpha; the better the stronger.

    Args:
        compared: The variants of the mixup study, in any order.
        figure: What they are compared by.
        language: A language of the catalogue.
    """
    cells = {
        (each.variant.settings["mixup_prob"], each.variant.settings["mixup_alpha"]): each
        for each in compared
    }
    shares = sorted({share for share, _ in cells})
    alphas = sorted({alpha for _, alpha in cells})
    means = {key: each.estimate.value for key, each in cells.items() if each.estimate}
    scale = [[0, f"rgba({FILL}, 0.06)"], [1, f"rgba({FILL}, 0.6)"]]
    x, y = [f"{100 * share:g} %" for share in shares], [f"alpha {alpha:g}" for alpha in alphas]
    chart = go.Figure(
        go.Heatmap(
            z=[[means.get((share, alpha)) for share in shares] for alpha in alphas],
            x=x,
            y=y,
            colorscale=scale,
            reversescale=figure in LOWER_FIRST,
            showscale=False,
            xgap=4,
            ygap=4,
            hoverinfo="skip",
        )
    )
    for share, column in zip(shares, x, strict=True):
        for alpha, row in zip(alphas, y, strict=True):
            each = cells.get((share, alpha))
            words = "–"
            if each and each.estimate:
                value = written_figure(figure, each.estimate.value, language)
                seeds = text(language, "study.cell", n=each.estimate.n)
                words = f"<b>{value}</b><br>{seeds}"
            chart.add_annotation(x=column, y=row, text=inked(words), showarrow=False)
    chart.update_xaxes(title=text(language, "study.axis.share"), type="category", showgrid=False)
    chart.update_yaxes(type="category", showgrid=False)
    return finish(chart, height_px=90 + 74 * len(alphas))


def latency_chart(
    study: Study,
    compared: Sequence[VariantFigures],
    latency: pd.DataFrame,
    figure: str,
    language: str,
) -> go.Figure:
    """A figure against latency, the area of a mark being the size of the weights' file.

    Args:
        study: The architecture study.
        compared: Its variants; one without a run or a latency is left out.
        latency: As ``core.results.latency.read_latency`` gives it, of one input size.
        figure: What is on the vertical axis.
        language: A language of the catalogue.
    """
    cost = latency.set_index("architecture")
    shown = [
        (each, each.estimate, cost.loc[each.variant.settings["architecture"]])
        for each in compared
        if each.estimate and each.variant.settings["architecture"] in cost.index
    ]
    largest = max((row["file_mb"] for _, _, row in shown), default=1)
    titles = [variant_title(study.name, each.variant.name, language) for each, _, _ in shown]
    x, y = [row["ms"] for _, _, row in shown], [estimate.value for _, estimate, _ in shown]
    sizes_px = [_LARGEST_PX * (row["file_mb"] / largest) ** 0.5 for _, _, row in shown]
    chart = go.Figure(
        go.Scatter(
            x=x,
            y=y,
            mode="markers+text",
            text=[inked(title) for title in titles],
            textposition=_name_places(x, y, sizes_px, titles),
            customdata=[
                [each.runs[min(each.runs)], title, row["file_mb"]]
                for (each, _, row), title in zip(shown, titles, strict=True)
            ],
            marker={
                "size": [row["file_mb"] for _, _, row in shown],
                "sizemode": "area",
                "sizeref": 2 * largest / _LARGEST_PX**2,
                "sizemin": 4,
                "color": f"rgba({FILL}, 0.45)",
                "line": {"color": CURVE.colour, "width": 1.5},
            },
            showlegend=False,
            cliponaxis=False,
            hovertemplate=text(language, "study.hover.latency") + "<extra></extra>",
        )
    )
    chart.update_xaxes(title=text(language, "study.axis.latency"), rangemode="tozero")
    chart.update_yaxes(title=figure_name(figure, language), tickformat=tickformat_of(figure))
    return finish(chart, height_px=440).update_layout(clickmode="event+select")


def _name_places(
    x: Sequence[float], y: Sequence[float], sizes_px: Sequence[float], names: Sequence[str]
) -> list[str]:
    """Where each mark has its name, clear of other marks, of names and of the vertical axis.

    Args:
        x: From zero.
        y: Any range.
        sizes_px: Diameters of the marks.
        names: In the same order.

    Returns:
        Plotly's names of places: above where that is free, else below, to the right or to the left.
    """
    width_px, height_px = _PLOT_PX
    across = width_px * np.asarray(x) / (max(x, default=0) or 1)
    down = height_px * (max(y, default=0) - np.asarray(y)) / (np.ptp(y) if len(set(y)) > 1 else 1)
    half = np.asarray(sizes_px) / 2
    axis = np.array([-width_px, 0, 0, height_px])
    taken = [axis, *np.column_stack([across - half, down - half, across + half, down + half])]
    places = []
    for centre, level, radius, name in zip(across, down, half, names, strict=True):
        wide, high = _LETTER_PX[0] * len(name) / 2, _LETTER_PX[1] / 2
        middles = {
            "top center": (centre, level - radius - high),
            "bottom center": (centre, level + radius + high),
            "middle right": (centre + radius + wide, level),
            "middle left": (centre - radius - wide, level),
        }
        boxes = {
            place: np.array([at - wide, to - high, at + wide, to + high])
            for place, (at, to) in middles.items()
        }
        best = min(boxes, key=lambda place: sum(_overlap(boxes[place], each) for each in taken))
        taken.append(boxes[best])
        places.append(best)
    return places


def _overlap(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The area that two boxes (left, top, right, bottom) share."""
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    return float(np.prod(np.maximum(sides, 0)))
