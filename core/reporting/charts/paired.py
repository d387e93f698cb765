"""Two models on the same films: their ROC curves over each other."""

from collections.abc import Sequence
from functools import partial

import plotly.graph_objects as go

from core.messages.catalogue import text
from core.metrics.classification import roc
from core.reporting.charts.evaluation import diagonal
from core.reporting.charts.style import CURVE, MARKS, finish, unit_axes
from core.results.evaluations import Evaluation

_DASHES, _LOOKS = ("solid", "dash"), (CURVE, MARKS[4])


def paired_roc_chart(
    evaluations: Sequence[Evaluation], names: Sequence[str], language: str
) -> go.Figure:
    """The ROC curve of each model, with its operating point.

    Args:
        evaluations: Two, of the same set, with both classes.
        names: What the models are called.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    figure = go.Figure(diagonal(words("evaluation.legend.guessing")))
    for evaluation, name, look, dash in zip(evaluations, names, _LOOKS, _DASHES, strict=True):
        curve, summary = roc(evaluation.predictions), evaluation.summary
        figure.add_scatter(
            x=1 - curve["specificity"],
            y=curve["sensitivity"],
            customdata=curve[["specificity", "threshold"]].clip(upper=1),
            mode="lines",
            line={"color": look.colour, "width": 2.5, "dash": dash},
            name=name,
            hovertemplate=words("evaluation.hover.roc") + "<extra></extra>",
        )
        figure.add_scatter(
            x=[1 - summary["specificity"]["value"]],
            y=[summary["sensitivity"]["value"]],
            mode="markers",
            marker={"symbol": look.symbol, "size": 13, "color": look.colour},
            showlegend=False,
            hovertemplate="%{x:.1%}, %{y:.1%}<extra></extra>",
        )
    unit_axes(
        figure,
        words("evaluation.axis.false_positive_rate"),
        words("evaluation.axis.sensitivity"),
    )
    return finish(figure, height_px=400)
