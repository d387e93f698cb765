"""What lies behind a study's chart, folded: all runs, curves, speed, gaps and the mixup grid."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from core.reporting.captions.study import WITH_GAP, gap_finding, latency_caption
from core.reporting.captions.study_names import variant_title
from core.reporting.charts.study import GAP_SPLITS, gap_dots, latency_chart, mixup_grid
from core.results.evaluations import TEST
from core.results.folder import results_folder
from core.results.latency import read_latency
from core.results.runs import read_run
from core.training.experiments.study import Study
from core.training.experiments.summary import GAPS, VariantFigures, compare, is_measured
from core.ui.frame.charts import show_caption, show_chart
from core.ui.frame.words import language, t
from core.ui.models.run_curves import show_run_curves
from core.ui.models.run_detail import open_from_chart
from core.ui.models.run_table import show_study_table

CURVES_STATE = "curves"


def show_parts(
    study: Study, table: pd.DataFrame, compared: Sequence[VariantFigures], figure: str
) -> None:
    """Draw the folded parts of a study, in tabs.

    Args:
        study: The study.
        table: As ``core.training.experiments.table.read_study_table`` gives it.
        compared: Its variants.
        figure: What they are compared by.
    """
    rows = table[table["study"] == study.name]
    parts: dict[str, Callable[[], None]] = {
        "table": partial(show_study_table, study, rows),
        "curves": partial(_show_curves, study, rows),
    }
    latency = read_latency()
    latency = latency[latency["size_px"] == study.settings["size_px"]]
    if study.name.startswith("architecture") and not latency.empty:
        parts["latency"] = partial(_show_latency, study, compared, latency, figure)
    if study.name in WITH_GAP:
        parts["gap"] = partial(_show_gap, study, table)
    if study.name.startswith("mixup"):
        parts["grid"] = partial(_show_grid, compared, figure)
    with st.expander(t("study.more"), icon=":material/table:", key="study_parts"):
        names = [t(f"study.heading.{part}") for part in parts]
        for tab, show in zip(st.tabs(names), parts.values(), strict=True):
            with tab:
                show()


def _show_latency(
    study: Study, compared: Sequence[VariantFigures], latency: pd.DataFrame, figure: str
) -> None:
    words = latency_caption(study, compared, latency, figure, language())
    chart = latency_chart(study, compared, latency, figure, language())
    open_from_chart(chart, words, key=f"latency-{figure}")
    show_caption(words)


def _show_grid(compared: Sequence[VariantFigures], figure: str) -> None:
    words = t("study.caption.grid")
    show_chart(mixup_grid(compared, figure, language()), words)
    show_caption(words)


def _show_gap(study: Study, table: pd.DataFrame) -> None:
    by_gap, by_test_gap = (compare(study, table, gap) for gap in GAPS)
    order = [each.variant.name for each in by_gap]
    splits = {}
    for split in GAP_SPLITS:
        if split == TEST and not is_measured(study, table):
            continue
        compared = compare(study, table, f"{split}_loss")
        if any(each.estimate for each in compared):
            splits[split] = sorted(compared, key=lambda each: order.index(each.variant.name))
    words = gap_finding(study, by_gap, by_test_gap, language()) or t("study.heading.gap")
    show_chart(gap_dots(study, splits, language()), words)
    show_caption(words)


def _show_curves(study: Study, rows: pd.DataFrame) -> None:
    """Draw learning curves of runs that the reader chooses, at first the best and a baseline."""
    titles, folders = {}, {}
    for row in rows.sort_values("val_loss").itertuples():
        name = f"{row.variant}@{row.seed}"
        title = variant_title(study.name, row.variant, language())
        titles[name] = f"{title} · {t('study.run.seed')} {row.seed}"
        folders[name] = row.run
    names = list(titles)
    baseline = [name for name in names if name.startswith(f"{study.baseline}@")]
    chosen = st.multiselect(
        t("models.choose"),
        names,
        default=list(dict.fromkeys([names[0], *baseline[:1]])),
        format_func=titles.__getitem__,
        key=f"{CURVES_STATE}-{study.name}",
    )
    if not chosen:
        st.info(t("study.pick"), icon=":material/touch_app:")
        return
    folder = results_folder() / "runs"
    show_run_curves(
        [replace(read_run(folder / folders[name]), name=titles[name]) for name in chosen]
    )
