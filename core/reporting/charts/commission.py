"""Charts of a site's profile: its calibration, and how many films narrow intervals take."""

import pandas as pd
import plotly.graph_objects as go

from core.data.labels import Label
from core.messages.catalogue import text
from core.models.site import TRUSTED_WIDTH, SiteProfile
from core.reporting.charts.evaluation import reliability_of
from core.reporting.charts.style import CLASS_MARKS, QUIET, finish

_OF = {"sensitivity": Label.PNEUMONIA, "specificity": Label.NORMAL}
"""On the films of which class a rate rests, and so which mark it has."""


def site_reliability_chart(profile: SiteProfile, language: str) -> go.Figure:
    """The reliability diagram of a site's settings, out of fold."""
    return reliability_of(pd.DataFrame(profile.figures["calibration"]), language)


def width_chart(profile: SiteProfile, language: str) -> go.Figure:
    """The width of the 95 % intervals against the number of films."""
    curve = profile.figures["curve"]
    films = [point["films"] for point in curve]
    figure = go.Figure()
    for name, label in _OF.items():
        look = CLASS_MARKS[label]
        figure.add_scatter(
            x=films,
            y=[point[name] for point in curve],
            mode="lines+markers",
            line={"color": look.colour, "width": 2},
            marker={"size": 9, "symbol": look.symbol},
            name=text(language, f"metric.name.{name}"),
            hovertemplate=text(language, "commission.curve.hover") + "<extra></extra>",
        )
    figure.add_hline(
        y=TRUSTED_WIDTH,
        line={"color": QUIET, "dash": "dot", "width": 1.5},
        annotation_text=text(language, "commission.curve.trusted"),
        annotation_position="top left",
    )
    figure.update_xaxes(title=text(language, "commission.curve.films"), rangemode="tozero")
    figure.update_yaxes(
        title=text(language, "commission.curve.width"), tickformat=".0%", rangemode="tozero"
    )
    return finish(figure, height_px=400)
