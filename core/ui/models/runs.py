"""The runs outside the studies: which leads, a comparison, and the rest folded."""

from collections.abc import Sequence

import streamlit as st

from core.reporting.captions.runs import (
    RUN_METRICS,
    by_metric,
    dots_caption,
    runs_sentence,
    runs_table,
    seeds_sentence,
    unconverged_sentence,
)
from core.reporting.charts.runs import dots_chart
from core.results.runs import Run
from core.ui.frame.address import keep_in_address, start_from_address
from core.ui.frame.charts import show_caption
from core.ui.frame.headline import show_headline
from core.ui.frame.words import language, t
from core.ui.models.run_curves import show_run_curves
from core.ui.models.run_detail import open_from_chart
from core.ui.models.run_table import show_run_table

METRIC_STATE, RUNS_STATE = "metric", "runs"
SHOWN_AT_FIRST = 3


def show_runs(runs: Sequence[Run]) -> None:
    """Draw all runs outside the studies, compared on their held-out patients."""
    show_headline(runs_sentence(runs, language()))
    if told := unconverged_sentence(runs, language()):
        st.badge(told, color="orange", icon=":material/hourglass_bottom:")
    show_caption(seeds_sentence(runs, language()))
    _show_comparison(runs)
    with st.expander(t("study.more"), icon=":material/table:"):
        table, curves = st.tabs([t("models.heading.table"), t("study.heading.curves")])
        with table:
            show_run_table(runs_table(runs))
        with curves:
            _show_curves(runs)


def _show_comparison(runs: Sequence[Run]) -> None:
    """Draw the runs by a metric that the reader chooses; the choice is kept in the address."""
    offered = [metric for metric in RUN_METRICS if by_metric(runs, metric)]
    start_from_address(METRIC_STATE, offered)
    st.selectbox(
        t("models.metric"),
        offered,
        format_func=lambda name: t(f"metric.name.{name}"),
        key=METRIC_STATE,
        width=280,
    )
    metric = keep_in_address(METRIC_STATE, offered)
    words = dots_caption(runs, metric, language())
    open_from_chart(dots_chart(runs, metric, language()), words, key=f"dots-{metric}")
    show_caption(words)


def _show_curves(runs: Sequence[Run]) -> None:
    """Draw the learning curves of runs that the reader chooses, at first the best three."""
    names = [run.name for run in by_metric(runs, "log_loss")]
    chosen = st.multiselect(
        t("models.choose"),
        names,
        default=names[:SHOWN_AT_FIRST],
        key=RUNS_STATE,
        bind="query-params",
    )
    shown = [run for run in runs if run.name in chosen]
    if shown:
        show_run_curves(shown, runs)
    else:
        st.info(t("models.pick"), icon=":material/touch_app:")
