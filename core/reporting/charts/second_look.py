"""Charts of the second look at one film, each on the probability's own scale or the score's."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.inference.second_look import Masked, Steadiness, Vote
from core.messages.catalogue import text
from core.reporting.charts.dots import lay_out_rows
from core.reporting.charts.style import MARKS, QUIET, finish, inked

_STRIP_PX = 150


def votes_chart(votes: Sequence[Vote], language: str) -> go.Figure:
    """A row a model: its probability, its operating point, and its review band."""
    figure = go.Figure()
    for row, vote in enumerate(votes):
        band = (vote.card.review_low, vote.card.review_high)
        if band[0] < band[1]:
            figure.add_scatter(
                x=band,
                y=[row, row],
                mode="lines",
                line={"width": 10, "color": "rgba(127, 127, 213, 0.45)"},
                name=text(language, "second_look.legend.review"),
                showlegend=row == 0,
                hoverinfo="skip",
            )
    rows = list(range(len(votes)))
    figure.add_scatter(
        x=[vote.card.threshold for vote in votes],
        y=rows,
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 18, "color": QUIET, "line": {"width": 3}},
        name=text(language, "second_look.legend.threshold"),
        hovertemplate="%{x:.1%}<extra></extra>",
    )
    figure.add_scatter(
        x=[vote.probability for vote in votes],
        y=rows,
        mode="markers",
        marker={"symbol": MARKS[1].symbol, "size": 14, "color": MARKS[1].colour},
        name=text(language, "second_look.legend.film"),
        hovertemplate="%{x:.1%}<extra></extra>",
    )
    names = [vote.card.name for vote in votes]
    lay_out_rows(figure, names, text(language, "second_look.axis.probability"))
    figure.update_xaxes(range=[-0.05, 1.05], tickformat=".0%", dtick=0.25)
    return figure


def steadiness_chart(found: Steadiness, threshold: float, language: str) -> go.Figure:
    """The probability of the film as it is, and under every small change."""
    figure = go.Figure()
    figure.add_scatter(
        x=list(found.changed.values()),
        y=[0] * len(found.changed),
        customdata=[text(language, f"second_look.change.{name}") for name in found.changed],
        mode="markers",
        marker={"symbol": "circle-open", "size": 11, "color": MARKS[0].colour, "line_width": 2},
        name=text(language, "second_look.legend.changed"),
        hovertemplate="%{customdata}: %{x:.1%}<extra></extra>",
    )
    figure.add_scatter(
        x=[found.plain],
        y=[0],
        mode="markers",
        marker={"symbol": MARKS[1].symbol, "size": 13, "color": MARKS[1].colour},
        name=text(language, "second_look.legend.film"),
        hovertemplate="%{x:.1%}<extra></extra>",
    )
    figure.add_vline(threshold, line_width=2, line_dash="dot", line_color=QUIET)
    _strip(figure, text(language, "second_look.axis.probability"))
    figure.update_xaxes(range=[-0.05, 1.05], tickformat=".0%", dtick=0.25)
    return figure


def masked_chart(found: Masked, language: str) -> go.Figure:
    """The score of the film as it is, with its hot places covered, and with others covered."""
    series = (
        ("elsewhere", found.elsewhere.tolist(), "circle-open", MARKS[0].colour),
        ("hot", [found.hot], MARKS[4].symbol, MARKS[4].colour),
        ("film", [found.whole], MARKS[1].symbol, MARKS[1].colour),
    )
    figure = go.Figure()
    for name, values, symbol, colour in series:
        figure.add_scatter(
            x=values,
            y=[0] * len(values),
            mode="markers",
            marker={"symbol": symbol, "size": 12, "color": colour, "line_width": 2},
            name=text(language, f"second_look.legend.{name}"),
            hovertemplate="%{x:.2f}<extra></extra>",
        )
    _strip(figure, text(language, "second_look.axis.score"))
    return figure


def _strip(figure: go.Figure, x_title: str) -> None:
    """One row of marks over an axis."""
    figure.update_xaxes(title=inked(x_title), zeroline=False)
    figure.update_yaxes(visible=False, range=[-1, 1])
    finish(figure, height_px=_STRIP_PX)
