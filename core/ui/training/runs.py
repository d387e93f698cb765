"""The training page's parts: runs in progress and just finished. It only reads."""

from datetime import UTC, datetime

import streamlit as st

from core.messages.errors import RunMissing
from core.reporting.captions.runs import loss_caption
from core.reporting.captions.training import (
    auroc_sentence,
    finished_table,
    loss_sentence,
    settings_words,
    state_sentence,
)
from core.reporting.charts.runs import loss_chart, run_marks
from core.reporting.charts.training import live_auroc_chart, live_loss_chart
from core.results.folder import results_folder
from core.results.progress import RunningRun, finished_lately, read_running
from core.results.runs import read_run
from core.ui.frame.charts import show_chart, show_heading
from core.ui.frame.headline import show_headline
from core.ui.frame.words import language, t

REFRESH_SECONDS = 5
COMMAND = 'make train NAME=mine ARGS="--architecture resnet18 --epochs 12"'


@st.fragment(run_every=REFRESH_SECONDS)
def show_training() -> None:
    """Draw what is running and what has finished lately, and draw it again every few seconds."""
    now = datetime.now(UTC)
    runs = read_running()
    live = [run for run in runs if not run.is_silent(now)]
    silent = [run for run in runs if run.is_silent(now)]
    if live:
        show_headline(t("training.running", runs=len(live)))
        for run in live:
            _show_run(run, now)
    else:
        show_headline(t("training.empty.title"))
        _show_last()
        st.markdown(t("training.empty.action"))
        st.code(COMMAND, language=None)
    if silent:
        show_heading(t("training.heading.silent"))
        for run in silent:
            _show_run(run, now)
        st.caption(t("training.silent_about"))
    finished = finished_lately()
    if finished:
        show_heading(t("training.heading.finished"))
        table = finished_table(finished, now, language())
        st.dataframe(table, alt=t("training.heading.finished"))


def _show_last() -> None:
    """Draw the loss of the run that finished last, if there is any."""
    for summary in finished_lately(at_most=1):
        try:
            run = read_run(results_folder() / "runs" / summary["name"])
        except RunMissing:
            return
        words = loss_caption([run], language())
        show_chart(loss_chart([run], run_marks([run]), language()), words)


def _show_run(run: RunningRun, now: datetime) -> None:
    """One run: how far it is, beside its curves."""
    with st.container(border=True, key=f"run_{run.name}"):
        facts, loss, auroc = st.columns([2, 3, 3], gap="medium")
        with facts:
            _show_facts(run, now)
        if not run.epochs_done:
            with loss:
                st.caption(t("training.caption.nothing"))
            return
        with loss:
            show_chart(live_loss_chart(run, language()), loss_sentence(run, language()))
            st.caption(loss_sentence(run, language()))
        with auroc:
            show_chart(live_auroc_chart(run, language()), auroc_sentence(run, language()))
            st.caption(auroc_sentence(run, language()))


def _show_facts(run: RunningRun, now: datetime) -> None:
    icon = "heart_broken" if run.is_silent(now) else "model_training"
    st.markdown(f"## :material/{icon}: {run.name}")
    st.caption(settings_words(run, language()))
    epoch = min(run.epochs, run.epochs_done + (not run.is_silent(now)))
    share = min(1.0, (run.epochs_done + run.epoch_share) / run.epochs)
    st.progress(share, t("training.epoch", epoch=epoch, epochs=run.epochs))
    st.markdown(state_sentence(run, now, language()))
    lines = [t("training.patience", left=run.patience_left, patience=run.config["patience"])]
    if run.films_per_second and not run.is_silent(now):
        lines.append(t("training.speed", films=f"{run.films_per_second:.1f}"))
    st.caption("  \n".join(lines))
