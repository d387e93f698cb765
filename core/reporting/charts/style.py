"""One look for all figures: colours that read on dark and on light, and never colour alone."""

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from core.data.labels import Label, Verdict

HEIGHT_PX = 380
QUIET = "#7d8a90"
FILL = "36, 149, 156"


@dataclass(frozen=True, slots=True)
class Mark:
    """How one series is drawn.

    The colours are Okabe and Ito's (https://jfly.uni-koeln.de/color/), shifted in lightness until
    each has a contrast of at least 3:1 on the dark and on the light background.

    Args:
        colour: A hexadecimal colour.
        symbol: Plotly's name of a marker.
        pattern: Plotly's name of a bar's hatching.
    """

    colour: str
    symbol: str
    pattern: str = ""


MARKS = (
    Mark("#3d8fd1", "circle"),
    Mark("#b97d10", "diamond"),
    Mark("#12956f", "square"),
    Mark("#bf6fa0", "triangle-up"),
    Mark("#d4651f", "x"),
    Mark("#7f7fd5", "star"),
    Mark("#7d8a90", "cross"),
    Mark("#24959c", "triangle-down"),
)
VERDICT_COLOURS = {
    Verdict.NORMAL: "#3d8fd1",
    Verdict.REVIEW: "#9b72d9",
    Verdict.PNEUMONIA: "#b97d10",
}
"""For graphics and large words: 3:1 or more on the dark and on the light background."""

VERDICT_INKS = {
    Verdict.NORMAL: ("#1f6cab", "#5aa6e6"),
    Verdict.REVIEW: ("#7442c4", "#b492ec"),
    Verdict.PNEUMONIA: ("#8a5a00", "#e0a02a"),
}
"""For small words, on the light and on the dark background: 4.5:1 or more."""

CURVE, POINT = Mark("#24959c", "circle"), Mark("#bf6fa0", "star")
"""A model's curve, and an operating point on it: neither has the colour of a class."""

CLASS_MARKS = {Label.NORMAL: MARKS[0], Label.PNEUMONIA: Mark("#b97d10", "diamond", "/")}


def mark(index: int) -> Mark:
    """The mark of a series by its place; they repeat when they run out."""
    return MARKS[index % len(MARKS)]


def finish(figure: go.Figure, height_px: int = HEIGHT_PX, **layout: Any) -> go.Figure:
    """Give a figure the common layout: small margins, legend above, still under a thumb.

    Args:
        figure: The figure, which is changed.
        height_px: Its height, in pixels.
        layout: Further settings of Plotly's layout.
    """
    figure.update_layout(
        height=height_px,
        margin={"l": 16, "r": 16, "t": 8, "b": 8},
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "title": {"text": ""},
        },
        dragmode=False,
        hoverlabel={"align": "left"},
        **layout,
    )
    # Not in both directions: a label that hangs over the edge makes the plot narrower, which moves
    # the label, and at some widths Plotly never comes to an end.
    figure.update_xaxes(fixedrange=True, automargin="height")
    figure.update_yaxes(fixedrange=True, automargin="width")
    figure.for_each_xaxis(_ink_axis)
    figure.for_each_yaxis(_ink_axis)
    return figure


def _ink_axis(axis: Any) -> None:
    before, after = inked("|").split("|")
    axis.update(tickprefix=before, ticksuffix=after)
    if axis.title.text:
        axis.title.text = inked(axis.title.text)


def inked(words: str) -> str:
    """Words in the text colour of the page around them, whichever theme it has.

    Plotly writes text as SVG, where ``currentColor`` is what the page inherits to it.
    """
    return f"<span style='color:currentColor'>{words}</span>"


def unit_axes(figure: go.Figure, x_title: str, y_title: str) -> None:
    """Make both axes run from 0 to 100 %."""
    span = {"range": [-0.02, 1.02], "tickformat": ".0%", "dtick": 0.25}
    figure.update_xaxes(title=x_title, **span)
    figure.update_yaxes(title=y_title, **span)
