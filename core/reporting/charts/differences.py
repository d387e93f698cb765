"""The figure of a study: how far each variant lies from the baseline."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.messages.catalogue import text
from core.reporting.captions.study_names import figure_name, row_title
from core.reporting.charts.dots import error_bars, lay_out_rows
from core.reporting.charts.study import bar_of, tickformat_of
from core.reporting.charts.style import CURVE, POINT, QUIET, Mark
from core.training.experiments.study import Study
from core.training.experiments.summary import VariantFigures


def difference_dots(
    study: Study,
    compared: Sequence[VariantFigures],
    tested: Sequence[VariantFigures],
    figure: str,
    language: str,
) -> go.Figure:
    """How far each variant lies from the baseline, seed by seed: on validation and on test films.

    Every mark carries the name of its run, a mean that of its first seed. A line joins the two
    means of a variant.

    Args:
        study: The study.
        compared: The variants, from the top.
        tested: The same on the test films, in any order; none where these were not looked at.
        figure: What they are compared by.
        language: A language of the catalogue.
    """
    baseline = next(each for each in compared if each.variant.name == study.baseline)
    chart = go.Figure(_seed_dots(compared, baseline, language))
    for is_open in (False, True):
        shown = {
            row: each
            for row, each in enumerate(compared)
            if each.difference and bool(each.unconverged or baseline.unconverged) == is_open
        }
        look = Mark(CURVE.colour, "circle-open" if is_open else "circle")
        name = "unconverged" if is_open else "converged"
        chart.add_trace(_means(shown, look, f"study.legend.{name}", language))
    by_name = {each.variant.name: each for each in tested if each.difference}
    names = [each.variant.name for each in compared]
    shown = {row: by_name[name] for row, name in enumerate(names) if name in by_name}
    chart.add_trace(_means(shown, POINT, "study.legend.tested", language))
    _join(chart, compared, shown)
    chart.add_vline(0, line={"color": QUIET, "dash": "dot", "width": 1.5})
    rows = [row_title(study, each, language) for each in compared]
    title = text(language, "study.axis.difference", figure=figure_name(figure, language))
    lay_out_rows(chart, rows, title, tickformat_of(figure))
    return chart.update_layout(clickmode="event+select")


def _join(
    chart: go.Figure, compared: Sequence[VariantFigures], tested: Mapping[int, VariantFigures]
) -> None:
    """Draw a line from each variant's validation figure to its test figure."""
    for row, each in tested.items():
        here, there = compared[row].difference, each.difference
        if here and there:
            chart.add_shape(
                type="line",
                x0=here.value,
                x1=there.value,
                y0=row,
                y1=row,
                line={"color": QUIET, "width": 1},
            )


def _means(
    shown: Mapping[int, VariantFigures], look: Mark, legend: str, language: str
) -> go.Scatter:
    """Mean differences with their intervals, by row."""
    found = [bar_of(each.difference) for each in shown.values()]
    return go.Scatter(
        x=[each["value"] for each in found],
        y=list(shown),
        customdata=[[each.runs[min(each.runs)]] for each in shown.values()],
        mode="markers",
        marker={
            "size": 12,
            "symbol": look.symbol,
            "color": look.colour,
            "line": {"width": 2, "color": look.colour},
        },
        error_x=error_bars(found, look.colour),
        name=text(language, legend),
        showlegend=bool(shown),
        hovertemplate="%{x:+.3f}<extra></extra>",
    )


def _seed_dots(
    compared: Sequence[VariantFigures], baseline: VariantFigures, language: str
) -> go.Scatter:
    """Each seed's own difference from the baseline's, and the baseline itself at zero."""
    spots = [
        (row, each, seed)
        for row, each in enumerate(compared)
        for seed in sorted(each.figures.keys() & baseline.figures.keys())
    ]
    return go.Scatter(
        x=[each.figures[seed] - baseline.figures[seed] for _, each, seed in spots],
        y=[row + 0.24 for row, _, _ in spots],
        customdata=[[each.runs[seed], seed] for _, each, seed in spots],
        mode="markers",
        marker={"size": 7, "symbol": "circle-open", "color": QUIET, "line": {"width": 1.5}},
        name=text(language, "study.legend.seed"),
        showlegend=bool(spots),
        hovertemplate=text(language, "study.hover.seed") + "<extra></extra>",
    )
