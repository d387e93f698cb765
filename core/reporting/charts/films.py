"""Figures of the data set: films by split and class, and their brightness."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go

from core.data.labels import CLASSES, Label
from core.messages.catalogue import text
from core.reporting.captions.films import group_name
from core.reporting.charts.style import CLASS_MARKS, finish, inked

_DASHES = {"train": "solid", "test": "dot"}


def counts_chart(counts: pd.DataFrame, language: str) -> go.Figure:
    """Films of each split, a bar a class, with the number on each.

    Args:
        counts: Columns ``split``, ``label`` and ``films``.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    figure = go.Figure()
    for label in CLASSES:
        rows = counts[counts["label"] == label]
        look = CLASS_MARKS[label]
        figure.add_bar(
            x=[words(f"data.split.{split}") for split in rows["split"]],
            y=rows["films"],
            text=rows["films"],
            texttemplate=inked("%{text:,}"),
            textposition="outside",
            cliponaxis=False,
            marker={
                "color": look.colour,
                "pattern": {"shape": look.pattern, "fillmode": "overlay", "solidity": 0.2},
            },
            name=words(f"metric.class.{label}"),
            hovertemplate=words("data.hover.count") + "<extra></extra>",
        )
    figure.update_yaxes(title=words("data.axis.films"), rangemode="tozero", tickformat=",")
    return finish(figure, barmode="group", bargap=0.3)


def brightness_chart(brightness: pd.DataFrame, language: str) -> go.Figure:
    """Distribution of the mean brightness of training and test films, a line a class and split.

    Args:
        brightness: Columns ``split``, ``label``, ``brightness`` and ``films``.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    figure = go.Figure()
    for (label, split), rows in brightness.groupby(["label", "split"]):
        if split in _DASHES:
            look = CLASS_MARKS[Label(label)]
            figure.add_scatter(
                x=rows["brightness"],
                y=rows["films"] / rows["films"].sum(),
                mode="lines",
                line={"color": look.colour, "dash": _DASHES[split], "width": 2.5},
                name=group_name(split, label, int(rows["films"].sum()), language),
                hovertemplate=words("data.hover.brightness") + "<extra></extra>",
            )
    figure.update_xaxes(title=words("data.axis.brightness"))
    figure.update_yaxes(title=words("data.axis.share"), tickformat=".0%", rangemode="tozero")
    return finish(figure)
