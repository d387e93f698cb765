"""The probability of pneumonia on a scale that shows the operating point and the review band."""

import plotly.graph_objects as go

PROBABILITY_COLOUR = "#3ba7b5"
SCALE_COLOUR = "rgba(128, 146, 152, 0.35)"
MARK_COLOUR = "#8a99a0"
REVIEW_COLOUR = "#7f7fd5"
_LINE_PX = 18


def probability_scale(
    probability: float,
    threshold: float,
    threshold_name: str,
    review: tuple[float, float],
    review_name: str,
) -> go.Figure:
    """A bar from 0 to 100 % filled up to the probability, a line and a shaded stretch over it.

    Args:
        probability: Of pneumonia, 0 to 1.
        threshold: The operating point, 0 to 1: the line.
        threshold_name: What the line is called, with its value.
        review: The review band: the shaded stretch; none where it is empty.
        review_name: What the stretch is called, with its edges.
    """
    low, high = review
    figure = go.Figure()
    for width, colour in ((1.0, SCALE_COLOUR), (probability, PROBABILITY_COLOUR)):
        figure.add_bar(
            x=[width], y=[""], orientation="h", marker_color=colour, width=0.5, hoverinfo="skip"
        )
    if low < high:
        figure.add_vrect(
            low,
            high,
            fillcolor=REVIEW_COLOUR,
            opacity=0.3,
            layer="below",
            line={"color": REVIEW_COLOUR, "width": 1},
        )
        _name(figure, min(max((low + high) / 2, 0.3), 0.7), review_name, "center", 0)
    figure.add_vline(threshold, line_width=2, line_dash="dot", line_color=MARK_COLOUR)
    side = "right" if threshold > 0.5 else "left"
    _name(figure, threshold, threshold_name, side, _LINE_PX if low < high else 0)
    figure.update_layout(
        barmode="overlay",
        showlegend=False,
        height=96 + (_LINE_PX if low < high else 0),
        margin={"l": 8, "r": 16, "t": 26 + (_LINE_PX if low < high else 0), "b": 24},
        xaxis={
            "range": [0, 1],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "tickformat": ".0%",
            "fixedrange": True,
            "showgrid": False,
            "zeroline": False,
        },
        yaxis={"visible": False, "fixedrange": True},
    )
    return figure


def _name(figure: go.Figure, x: float, name: str, side: str, over_px: float) -> None:
    """Write a name over a place of the scale; ``side`` of the name lies at the place."""
    figure.add_annotation(
        x=x,
        y=1.0,
        yref="paper",
        yanchor="bottom",
        yshift=over_px,
        xanchor=side,
        text=name,
        showarrow=False,
        font_size=13,
    )
