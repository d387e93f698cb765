"""Tables of runs, with translated columns, and their download."""

from typing import Any

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from core.messages.catalogue import catalogue
from core.messages.plain import csv_bytes
from core.reporting.captions.runs import start_words
from core.reporting.captions.study_names import variant_title
from core.training.experiments.study import Study
from core.ui.frame.words import language, t
from core.ui.models.run_detail import key_of, open_run

_FORMATS = {
    "val_loss": "%.4f",
    "val_auroc": "%.4f",
    "val_auroc_low": "%.4f",
    "val_auroc_high": "%.4f",
    "val_accuracy": "percent",
    "parameters_m": "%.1f",
    "training_minutes": "%.0f",
}
_STUDY_FORMATS = {
    "val_accuracy": "percent",
    "val_sensitivity": "percent",
    "val_specificity": "percent",
    "test_accuracy": "percent",
    "test_sensitivity": "percent",
    "test_specificity": "percent",
    "train_share": "percent",
    "frames_unchanged": "percent",
    "params": "compact",
    "training_minutes": "%.1f",
    **dict.fromkeys(
        ("train_loss", "val_loss", "val_auroc", "test_loss", "test_auroc", "frames_loss"), "%.4f"
    ),
}
_ALWAYS = ("variant", "seed", "val_loss", "val_auroc", "val_accuracy", "train_loss", "converged")
_HELP = ("converged", "val_accuracy", "mixup_prob")


def show_run_table(table: pd.DataFrame) -> None:
    """Show the runs and offer them as CSV; the file keeps the untranslated column names.

    Args:
        table: What ``core.reporting.captions.runs.runs_table`` gives.
    """
    shown = table.assign(init=[start_words(init, language()) for init in table["init"]])
    st.dataframe(
        shown,
        hide_index=True,
        column_config={name: _column(name, shown[name]) for name in shown},
        alt=t("models.heading.table"),
    )
    _offer(table, "runs.csv")


def show_study_table(study: Study, rows: pd.DataFrame) -> None:
    """Show the runs of a study to sort and filter; a row opens its run, the file holds all columns.

    Args:
        study: The study.
        rows: Its rows of ``core.training.experiments.table.read_study_table``.
    """
    variants = [each.name for each in study.variants if (rows["variant"] == each.name).any()]
    wanted = st.multiselect(
        t("study.filter"),
        variants,
        format_func=lambda name: variant_title(study.name, name, language()),
        key=f"filter-{study.name}",
        placeholder=t("study.everything"),
    )
    rows = rows[rows["variant"].isin(wanted or variants)].sort_values("val_loss")
    varied = [name for name in rows if name in _ALWAYS or rows[name].nunique() > 1]
    shown = rows[[*dict.fromkeys((*_ALWAYS, *varied))]].drop(columns=["run"], errors="ignore")
    titles = [variant_title(study.name, name, language()) for name in rows["variant"]]
    shown = shown.assign(variant=titles)
    if "init" in shown:
        shown = shown.assign(init=[start_words(init, language()) for init in shown["init"]])
    names, key = rows["run"].tolist(), key_of(f"table-{study.name}")

    def clicked() -> None:
        chosen: Any = st.session_state[key].selection.rows
        open_run(names[chosen[0]] if chosen else None)

    st.dataframe(
        shown,
        hide_index=True,
        column_config={name: _column(name, shown[name]) for name in shown},
        alt=t("study.heading.table"),
        key=key,
        on_select=clicked,
        selection_mode="single-row",
    )
    _offer(rows, f"{study.name}.csv")


def _offer(table: pd.DataFrame, file: str) -> None:
    """Offer a table as CSV, with untranslated column names."""
    st.download_button(
        t("models.download"),
        csv_bytes(table),
        file_name=file,
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _column(name: str, values: pd.Series) -> ColumnConfig:
    key = f"study.column.{name}"
    label = t(key) if key in catalogue(language()) else t(f"models.column.{name}")
    explanation = t(f"models.help.{name}") if name in _HELP else None
    if name == "converged":
        return st.column_config.CheckboxColumn(label, help=explanation)
    if pd.api.types.is_numeric_dtype(values):
        return st.column_config.NumberColumn(
            label, help=explanation, format={**_FORMATS, **_STUDY_FORMATS}.get(name)
        )
    return st.column_config.TextColumn(label, help=explanation, pinned=name in ("run", "variant"))
