"""The probability of pneumonia on a scale that shows the operating point."""

import plotly.graph_objects as go

PROBABILITY_COLOUR = "#3ba7b5"
SCALE_COLOUR = "rgba(128, 146, 152, 0.35)"
MARK_COLOUR = "#8a99a0"


def probability_scale(probability: float, threshold: float, threshold_name: str) -> go.Figure:
    """A bar from 0 to 100 % filled up to the probability, with a line at the operating point.

    Args:
        probability: Of pneumonia, 0 to 1.
        threshold: The operating point, 0 to 1.
        threshold_name: What the line is called, with its value.
    """
    figure = go.Figure()
    for width, colour in ((1.0, SCALE_COLOUR), (probability, PROBABILITY_COLOUR)):
        figure.add_bar(
            x=[width], y=[""], orientation="h", marker_color=colour, width=0.5, hoverinfo="skip"
        )
    figure.add_vline(threshold, line_width=2, line_dash="dot", line_color=MARK_COLOUR)
    figure.add_annotation(
        x=threshold,
        y=1.0,
        yref="paper",
        yanchor="bottom",
        xanchor="right" if threshold > 0.5 else "left",
        text=threshold_name,
        showarrow=False,
        font_size=13,
    )
    figure.update_layout(
        barmode="overlay",
        showlegend=False,
        height=96,
        margin={"l": 8, "r": 16, "t": 26, "b": 24},
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
