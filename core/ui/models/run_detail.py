"""One run, opened from a chart, a table or an address."""

import shlex
from dataclasses import fields
from pathlib import PurePosixPath
from typing import Any

import pandas as pd
import streamlit as st

from core.messages.errors import RunMissing
from core.reporting.charts.evaluation import confusion_chart
from core.reporting.numbers import percent
from core.results.folder import results_folder
from core.results.runs import Run, read_run
from core.training.classifier.config import TrainConfig
from core.training.experiments.plan import command_of
from core.ui.frame.charts import draw_chart, show_caption, show_heading
from core.ui.frame.words import language, t
from core.ui.models.run_curves import show_run_curves

RUN_STATE = "run"
_OPENINGS = "run_openings"


def open_run(name: str | None) -> None:
    """Open a run, or close the one that is open; the address says which."""
    if name is None:
        st.query_params.pop(RUN_STATE, None)
    else:
        st.query_params[RUN_STATE] = name
        st.session_state[_OPENINGS] = st.session_state.get(_OPENINGS, 0) + 1


def key_of(part: str) -> str:
    """A key for what opens runs: another one each time, so that no old choice is left on it."""
    return f"{part}-{st.session_state.get(_OPENINGS, 0)}"


def open_from_chart(figure: Any, caption: str, key: str) -> None:
    """Draw a figure whose marks carry the name of their run, and open what is clicked.

    Args:
        figure: The figure; ``customdata[0]`` of a mark is a run's name.
        caption: What it shows, in words.
        key: A name of its own.
    """
    key = key_of(key)

    def clicked() -> None:
        points = st.session_state[key].selection.points
        if points:
            open_run(points[0]["customdata"][0])

    figure.update_traces(unselected={"marker": {"opacity": 1}})
    draw_chart(figure, caption, key=key, on_select=clicked, selection_mode="points")


def show_opened_run() -> None:
    """Show the run that the address names over the page, if it names one."""
    name = st.query_params.get(RUN_STATE)
    if not name:
        return

    @st.dialog(t("study.run.heading", name=name), width="large", on_dismiss=lambda: open_run(None))
    def opened() -> None:
        try:
            _show_run(_read(name), name)
        except RunMissing:
            st.warning(t("study.run.missing", name=name), icon=":material/search_off:")

    opened()


def _read(name: str) -> Run:
    """A run by its whole name, which comes from an address: it cannot lead out of the folder."""
    parts = PurePosixPath(name).parts
    if not 1 <= len(parts) <= 2 or any(part in ("..", "/") for part in parts):
        raise RunMissing(folder=name)
    return read_run(results_folder() / "runs" / name)


def _show_run(run: Run, name: str) -> None:
    summary = run.summary
    st.markdown(
        t(
            "study.run.facts",
            loss=f"{summary['metrics']['validation']['log_loss']['value']:.3f}",
            best=summary["best_epoch"],
            epochs=summary["epochs_run"],
            parameters=f"{summary['parameters'] / 1e6:.1f}",
            minutes=f"{summary['training_seconds'] / 60:.1f}",
        )
    )
    settings, matrix = st.columns(2, gap="large")
    with settings:
        _show_settings(summary["config"])
    with matrix:
        _show_confusion(summary)
    st.markdown(t("study.run.command"))
    command = command_of(name, summary["config"])
    st.code(
        shlex.join(["python", "-m", "core", "train", *command, "--results", "again"]),
        None,
        wrap_lines=True,
    )
    show_run_curves([run])


def _show_settings(config: dict[str, Any]) -> None:
    """The configuration, what differs from the defaults first."""
    defaults = {setting.name: setting.default for setting in fields(TrainConfig)}
    changed = [name for name, value in config.items() if value != defaults.get(name)]
    ordered = changed + [name for name in config if name not in changed]
    show_heading(t("study.run.settings"))
    st.caption(t("study.run.changed", n=len(changed)))
    st.dataframe(
        pd.DataFrame(
            {
                t("study.run.setting"): ordered,
                t("study.run.value"): [str(config[name]) for name in ordered],
            }
        ),
        hide_index=True,
        height=340,
        alt=t("study.run.settings"),
    )


def _show_confusion(summary: Any) -> None:
    validation = summary["metrics"]["validation"]
    show_heading(t("study.run.confusion_heading"))
    words = t(
        "study.run.confusion",
        threshold=percent(summary["threshold"], language()),
        sensitivity=percent(validation["sensitivity"]["value"], language()),
        specificity=percent(validation["specificity"]["value"], language()),
    )
    draw_chart(confusion_chart(validation["confusion"], language()), words)
    show_caption(words)
