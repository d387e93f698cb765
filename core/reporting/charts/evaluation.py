"""Figures of one evaluation: confusion matrix, ROC, precision-recall and calibration."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.data.labels import CLASSES
from core.messages.catalogue import text
from core.metrics.classification import equal_bins, precision_recall, roc
from core.metrics.logits import sigmoid
from core.metrics.rates import wilson_of
from core.reporting.charts.dots import error_bars
from core.reporting.charts.style import CURVE, FILL, POINT, QUIET, finish, inked, unit_axes
from core.reporting.numbers import percent


def confusion_chart(counts: Mapping[str, int], language: str) -> go.Figure:
    """The confusion matrix as a heatmap: counts, and percentages of each row.

    Args:
        counts: ``tn``, ``fp``, ``fn`` and ``tp``.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    names = [words(f"metric.class.{label}") for label in CLASSES]
    rows = [[counts["tn"], counts["fp"]], [counts["fn"], counts["tp"]]]
    shares = [[cell / max(sum(row), 1) for cell in row] for row in rows]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=names,
            y=names,
            zmin=0,
            zmax=1,
            colorscale=[[0, f"rgba({FILL}, 0.06)"], [1, f"rgba({FILL}, 0.6)"]],
            showscale=False,
            xgap=4,
            ygap=4,
            hoverinfo="skip",
        )
    )
    for name, row in zip(names, rows, strict=True):
        for column, cell in zip(names, row, strict=True):
            figure.add_annotation(
                x=column,
                y=name,
                text=_cell_words(cell, sum(row), language),
                showarrow=False,
                font={"size": 13},
            )
    figure.update_xaxes(title=words("evaluation.axis.says"), side="top", showgrid=False)
    figure.update_yaxes(
        title=words("evaluation.axis.truth"), autorange="reversed", tickangle=-90, showgrid=False
    )
    return finish(figure)


def _cell_words(cell: int, total: int, language: str) -> str:
    share = percent(cell / max(total, 1), language)
    part = text(language, "evaluation.cell.share", share=share, total=total)
    return inked(f"<span style='font-size:24px'><b>{cell:,}</b></span><br>{part}")


def roc_chart(predictions: pd.DataFrame, summary: Mapping[str, Any], language: str) -> go.Figure:
    """The ROC curve with the operating point and its intervals.

    Args:
        predictions: Columns ``truth`` and ``logit``; both classes occur.
        summary: What ``core.metrics.classification.with_intervals`` gives.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    curve = roc(predictions)
    figure = go.Figure(diagonal(words("evaluation.legend.guessing")))
    figure.add_scatter(
        x=1 - curve["specificity"],
        y=curve["sensitivity"],
        customdata=curve[["specificity", "threshold"]].clip(upper=1),
        mode="lines",
        line={"color": CURVE.colour, "width": 2.5},
        name=words("evaluation.legend.curve"),
        hovertemplate=words("evaluation.hover.roc") + "<extra></extra>",
    )
    specificity, sensitivity = summary["specificity"], summary["sensitivity"]
    false_alarms = {
        "value": 1 - specificity["value"],
        "low": 1 - specificity["high"],
        "high": 1 - specificity["low"],
    }
    _add_operating_point(figure, false_alarms, sensitivity, language)
    unit_axes(
        figure,
        words("evaluation.axis.false_positive_rate"),
        words("evaluation.axis.sensitivity"),
    )
    return finish(figure, height_px=400)


def precision_recall_chart(
    predictions: pd.DataFrame, summary: Mapping[str, Any], language: str
) -> go.Figure:
    """The precision-recall curve with the operating point and its intervals.

    Args:
        predictions: Columns ``truth`` and ``logit``; both classes occur.
        summary: What ``core.metrics.classification.with_intervals`` gives.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    curve = precision_recall(predictions)
    prevalence = float(predictions["truth"].mean())
    figure = go.Figure(
        go.Scatter(
            x=[0, 1],
            y=[prevalence, prevalence],
            mode="lines",
            line={"color": QUIET, "dash": "dot", "width": 1.5},
            name=words("evaluation.legend.guessing"),
            hoverinfo="skip",
        )
    )
    figure.add_scatter(
        x=curve["sensitivity"],
        y=curve["ppv"],
        mode="lines",
        line={"color": CURVE.colour, "width": 2.5},
        name=words("evaluation.legend.curve"),
        hovertemplate=words("evaluation.hover.precision_recall") + "<extra></extra>",
    )
    if summary["ppv"]["value"] is not None:
        _add_operating_point(figure, summary["sensitivity"], summary["ppv"], language)
    unit_axes(figure, words("evaluation.axis.recall"), words("evaluation.axis.precision"))
    return finish(figure, height_px=400)


def reliability_chart(predictions: pd.DataFrame, language: str) -> go.Figure:
    """The reliability diagram: as many films behind each mark.

    Args:
        predictions: Columns ``truth`` and ``logit``.
        language: A language of the catalogue.
    """
    bins = equal_bins(predictions["truth"].to_numpy(), sigmoid(predictions["logit"]))
    return reliability_of(bins, language)


def reliability_of(bins: pd.DataFrame, language: str) -> go.Figure:
    """The reliability diagram of bins, as ``core.metrics.classification.equal_bins`` gives them."""
    words = partial(text, language)
    figure = go.Figure([diagonal(words("evaluation.legend.perfect")), _observed(bins, language)])
    unit_axes(figure, words("evaluation.axis.predicted"), words("evaluation.axis.observed"))
    return finish(figure, height_px=400)


def _observed(bins: pd.DataFrame, language: str) -> go.Scatter:
    """The share of pneumonia in each bin, with its interval."""
    share = bins["observed"]
    bounds = [wilson_of(round(row.observed * row.n), int(row.n)) for row in bins.itertuples()]
    figures = [
        {"value": value, "low": low, "high": high}
        for value, (low, high) in zip(share, bounds, strict=True)
    ]
    return go.Scatter(
        x=bins["predicted"],
        y=share,
        customdata=bins["n"].astype(int),
        mode="lines+markers",
        line={"color": CURVE.colour, "width": 1.5},
        marker={"size": 9, "symbol": CURVE.symbol},
        error_y=error_bars(figures, CURVE.colour),
        name=text(language, "evaluation.legend.bin"),
        hovertemplate=text(language, "evaluation.hover.bin") + "<extra></extra>",
    )


def diagonal(name: str) -> go.Scatter:
    """The line on which both axes are equal."""
    return go.Scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": QUIET, "dash": "dot", "width": 1.5},
        name=name,
        hoverinfo="skip",
    )


def _add_operating_point(
    figure: go.Figure, x: Mapping[str, float], y: Mapping[str, float], language: str
) -> None:
    """Mark the operating point, with the interval of each coordinate as error bars."""
    figure.add_scatter(
        x=[x["value"]],
        y=[y["value"]],
        error_x=error_bars([x], POINT.colour),
        error_y=error_bars([y], POINT.colour),
        mode="markers",
        marker={"symbol": POINT.symbol, "size": 13, "color": POINT.colour},
        name=text(language, "evaluation.legend.operating_point"),
        hovertemplate="%{x:.1%}, %{y:.1%}<extra></extra>",
    )
