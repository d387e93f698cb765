"""Live curves of a run in progress: loss and AUROC by epoch, up to the last epoch it may run."""

from functools import partial

import plotly.graph_objects as go

from core.messages.catalogue import text
from core.reporting.charts.style import MARKS, QUIET, finish
from core.results.progress import RunningRun

_TRAINED, _HELD_OUT = MARKS[1], MARKS[0]


def live_loss_chart(run: RunningRun, language: str) -> go.Figure:
    """Training and validation loss so far, the best epoch ringed.

    Args:
        run: A run with at least one finished epoch.
        language: A language of the catalogue.
    """
    figure = go.Figure(
        go.Scatter(
            x=run.history["epoch"],
            y=run.history["train_loss"],
            mode="lines+markers",
            line={"color": _TRAINED.colour, "dash": "dot", "width": 1.5},
            marker={"symbol": _TRAINED.symbol, "size": 6},
            name=text(language, "training.legend.train"),
            hovertemplate=text(language, "training.hover") + "<extra></extra>",
        )
    )
    return _held_out(figure, run, "val_loss", language)


def live_auroc_chart(run: RunningRun, language: str) -> go.Figure:
    """AUROC on the held-out patients so far, the best epoch ringed.

    Args:
        run: A run with at least one finished epoch.
        language: A language of the catalogue.
    """
    return _held_out(go.Figure(), run, "val_auroc", language)


def _held_out(figure: go.Figure, run: RunningRun, column: str, language: str) -> go.Figure:
    words = partial(text, language)
    history = run.history
    figure.add_scatter(
        x=history["epoch"],
        y=history[column],
        mode="lines+markers",
        line={"color": _HELD_OUT.colour, "width": 2.5},
        marker={"symbol": _HELD_OUT.symbol, "size": 8},
        name=words("training.legend.held_out"),
        hovertemplate=words("training.hover") + "<extra></extra>",
    )
    best = history[history["epoch"] == run.best_epoch]
    figure.add_scatter(
        x=best["epoch"],
        y=best[column],
        mode="markers",
        marker={"symbol": "circle-open", "size": 17, "color": QUIET, "line": {"width": 2}},
        name=words("training.legend.best"),
        hoverinfo="skip",
    )
    stop = run.epochs_done + run.patience_left
    if stop < run.epochs:
        figure.add_vline(stop, line={"color": QUIET, "dash": "dot", "width": 1.5})
    figure.update_xaxes(
        title=words("training.axis.epoch"), range=[0.5, run.epochs + 0.5], nticks=8, tickformat="d"
    )
    drawn = [y for trace in figure.data for y in trace.y]
    figure.update_yaxes(title=words(f"training.axis.{column}"), range=_around(drawn), nticks=5)
    return finish(figure, height_px=300)


def _around(values: list[float]) -> tuple[float, float]:
    """An axis that holds all values with some room, and is no microscope where there is but one."""
    low, high = min(values), max(values)
    room = max(0.15 * (high - low), 0.02)
    return low - room, high + room
