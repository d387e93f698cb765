"""The models page's parts: the comparison and the learning curves."""

from collections.abc import Sequence

import streamlit as st

from core.reporting.captions.runs import (
    RUN_METRICS,
    auroc_caption,
    by_metric,
    dots_caption,
    loss_caption,
)
from core.reporting.charts.runs import auroc_chart, dots_chart, loss_chart, run_marks
from core.results.runs import Run
from core.ui.frame.address import keep_in_address, start_from_address
from core.ui.frame.charts import show_chart, show_heading
from core.ui.frame.words import language, t
from core.ui.models.run_detail import open_from_chart

METRIC_STATE = "metric"
RUNS_STATE = "runs"
SHOWN_AT_FIRST = 3


def show_comparison(runs: Sequence[Run]) -> None:
    """Draw the runs by a metric that the reader chooses; the choice is kept in the address."""
    show_heading(t("models.heading.compare"))
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
    open_from_chart(
        dots_chart(runs, metric, language()),
        dots_caption(runs, metric, language()),
        key=f"dots-{metric}",
    )


def show_learning_curves(runs: Sequence[Run]) -> None:
    """Draw the learning curves of runs that the reader chooses, at first the best three."""
    names = [run.name for run in by_metric(runs, "log_loss")]
    chosen = st.multiselect(
        t("models.choose"),
        names,
        default=names[:SHOWN_AT_FIRST],
        key=RUNS_STATE,
        bind="query-params",
    )
    marks = run_marks(runs)
    shown = [run for run in runs if run.name in chosen]
    if not shown:
        st.info(t("models.pick"), icon=":material/touch_app:")
        return
    left, right = st.columns(2, gap="large")
    with left:
        show_chart(
            loss_chart(shown, marks, language()),
            loss_caption(shown, language()),
            t("models.heading.loss"),
        )
    with right:
        show_chart(
            auroc_chart(shown, marks, language()),
            auroc_caption(shown, language()),
            t("models.heading.auroc"),
        )
