"""Figures of a running service: readings a day, and how long they took."""

from collections.abc import Mapping
from datetime import date
from functools import partial

import plotly.graph_objects as go

from core.data.labels import Verdict
from core.inference.counted import BINS, REFUSED, SECONDS, VERDICTS
from core.messages.catalogue import text
from core.reporting.captions.day_counts import bin_name
from core.reporting.charts.style import CURVE, QUIET, VERDICT_COLOURS, finish
from core.results.day_counts import Counts

_HEIGHT_PX = 260


def readings_chart(days: Mapping[date, Counts], language: str) -> go.Figure:
    """Readings of each day by verdict, and refused files, one on the other."""
    words = partial(text, language)
    figure = go.Figure()
    x = [day.isoformat() for day in days]
    for verdict in Verdict:
        figure.add_bar(
            x=x,
            y=[counts.get(VERDICTS, {}).get(verdict, 0) for counts in days.values()],
            marker={"color": VERDICT_COLOURS[verdict]},
            name=words(f"diagnosis.verdict.{verdict.lower()}"),
        )
    figure.add_bar(
        x=x,
        y=[sum(counts.get(REFUSED, {}).values()) for counts in days.values()],
        marker={"color": QUIET, "pattern": {"shape": "/"}},
        name=words("about.counts.refused"),
    )
    figure.update_xaxes(type="category")
    figure.update_yaxes(title=words("data.axis.films"), rangemode="tozero")
    return finish(figure, _HEIGHT_PX, barmode="stack", bargap=0.3)


def seconds_chart(counts: Counts, language: str) -> go.Figure:
    """How many verdicts took how long, in the bins in which they are counted."""
    bins = counts.get(SECONDS, {})
    figure = go.Figure()
    figure.add_bar(
        x=[bin_name(name, language) for name in BINS],
        y=[bins.get(name, 0) for name in BINS],
        marker={"color": CURVE.colour},
        showlegend=False,
    )
    figure.update_yaxes(title=text(language, "data.axis.films"), rangemode="tozero")
    return finish(figure, _HEIGHT_PX, bargap=0.1)
