"""Figures of the training runs: a comparison by one metric, and learning curves."""

from collections.abc import Mapping, Sequence
from functools import partial

import plotly.graph_objects as go

from core.messages.catalogue import text
from core.reporting.captions.runs import best_row, by_metric, validation_metrics
from core.reporting.charts.dots import error_bars
from core.reporting.charts.style import CURVE, QUIET, Mark, finish, mark
from core.reporting.numbers import PERCENTAGES
from core.results.runs import Run

_ROW_PX = 44


def run_marks(runs: Sequence[Run]) -> dict[str, Mark]:
    """A mark for each run, by name, so that a run looks alike in every figure."""
    return {run.name: mark(place) for place, run in enumerate(runs)}


def dots_chart(runs: Sequence[Run], metric: str, language: str) -> go.Figure:
    """Runs compared by a metric on their held-out patients, with intervals, the best on top.

    Args:
        runs: Runs in any order; one without the metric is left out.
        metric: One of ``core.metrics.classification.METRICS``.
        language: A language of the catalogue.
    """
    ordered = by_metric(runs, metric)
    figures = [validation_metrics(run)[metric] for run in ordered]
    values = [each["value"] for each in figures]
    dot = CURVE
    figure = go.Figure(
        go.Scatter(
            x=values,
            y=[run.name for run in ordered],
            customdata=[[run.name] for run in ordered],
            mode="markers",
            marker={"size": 12, "symbol": dot.symbol, "color": dot.colour},
            error_x=error_bars(figures, dot.colour),
            showlegend=False,
            hovertemplate=text(language, "models.hover.dot") + "<extra></extra>",
        )
    )
    figure.update_xaxes(
        title=text(language, f"metric.name.{metric}"),
        tickformat=".1%" if metric in PERCENTAGES else None,
        nticks=5,
    )
    figure.update_yaxes(autorange="reversed", showgrid=True, ticklabelposition="inside top")
    return finish(figure, height_px=80 + _ROW_PX * max(len(ordered), 2)).update_layout(
        clickmode="event+select"
    )


def loss_chart(runs: Sequence[Run], marks: Mapping[str, Mark], language: str) -> go.Figure:
    """Training (dotted) and validation loss (solid) by epoch, the best epoch ringed.

    Args:
        runs: At least one run.
        marks: How each is drawn, by name.
        language: A language of the catalogue.
    """
    figure = go.Figure()
    for run in runs:
        figure.add_scatter(
            x=run.history["epoch"],
            y=run.history["train_loss"],
            mode="lines",
            line={"color": marks[run.name].colour, "dash": "dot", "width": 1.5},
            legendgroup=run.name,
            showlegend=False,
            hoverinfo="skip",
        )
    return _curves(figure, runs, marks, "val_loss", language, "models.axis.loss")


def auroc_chart(runs: Sequence[Run], marks: Mapping[str, Mark], language: str) -> go.Figure:
    """AUROC on the held-out patients by epoch, the best epoch ringed.

    Args:
        runs: At least one run.
        marks: How each is drawn, by name.
        language: A language of the catalogue.
    """
    return _curves(go.Figure(), runs, marks, "val_auroc", language, "models.axis.auroc")


def _curves(
    figure: go.Figure,
    runs: Sequence[Run],
    marks: Mapping[str, Mark],
    column: str,
    language: str,
    y_title: str,
) -> go.Figure:
    words = partial(text, language)
    for run in runs:
        look = marks[run.name]
        figure.add_scatter(
            x=run.history["epoch"],
            y=run.history[column],
            mode="lines+markers",
            line={"color": look.colour, "width": 2},
            marker={"symbol": look.symbol, "size": 7},
            legendgroup=run.name,
            name=run.name,
            hovertemplate=words("models.hover.curve") + f"<extra>{run.name}</extra>",
        )
    rows = [best_row(run) for run in runs]
    figure.add_scatter(
        x=[row["epoch"] for row in rows],
        y=[row[column] for row in rows],
        mode="markers",
        marker={"symbol": "circle-open", "size": 17, "color": QUIET, "line": {"width": 2}},
        name=words("models.legend.best"),
        hoverinfo="skip",
    )
    figure.update_xaxes(title=words("models.axis.epoch"), rangemode="tozero")
    figure.update_yaxes(title=words(y_title))
    return finish(figure, height_px=400)
