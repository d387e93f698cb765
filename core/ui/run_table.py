"""The table of all runs, with translated columns, and its download."""

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from core.charts.run_words import start_words
from core.ui.words import language, t

_FORMATS = {
    "val_loss": "%.4f",
    "val_auroc": "%.4f",
    "val_auroc_low": "%.4f",
    "val_auroc_high": "%.4f",
    "val_accuracy": "percent",
    "parameters_m": "%.1f",
    "training_minutes": "%.0f",
}
_HELP = ("converged", "val_accuracy", "mixup_prob")


def show_run_table(table: pd.DataFrame) -> None:
    """Show the runs and offer them as CSV; the file keeps the untranslated column names.

    Args:
        table: What ``core.charts.run_words.runs_table`` gives.
    """
    shown = table.assign(init=[start_words(init, language()) for init in table["init"]])
    st.dataframe(
        shown,
        hide_index=True,
        column_config={name: _column(name, shown[name]) for name in shown},
        alt=t("models.heading.table"),
    )
    st.download_button(
        t("models.download"),
        table.to_csv(index=False),
        file_name="runs.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _column(name: str, values: pd.Series) -> ColumnConfig:
    label = t(f"models.column.{name}")
    explanation = t(f"models.help.{name}") if name in _HELP else None
    if name == "converged":
        return st.column_config.CheckboxColumn(label, help=explanation)
    if pd.api.types.is_numeric_dtype(values):
        return st.column_config.NumberColumn(label, help=explanation, format=_FORMATS.get(name))
    return st.column_config.TextColumn(label, help=explanation, pinned=name == "run")
