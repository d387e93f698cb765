"""The models page's studies: which one, its variants, and what only some studies have."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from core.reporting.captions.runs import auroc_caption, loss_caption
from core.reporting.captions.study import (
    FIGURES,
    WITH_GAP,
    answer,
    dots_caption,
    finding,
    gap_finding,
    latency_caption,
    looked_at,
    orders,
    progress,
    recipe,
    unconverged,
)
from core.reporting.captions.study_names import (
    figure_name,
    variant_title,
)
from core.reporting.charts.runs import auroc_chart, loss_chart, run_marks
from core.reporting.charts.study import GAP_SPLITS, gap_dots, latency_chart, mixup_grid, study_dots
from core.results.evaluations import TEST
from core.results.folder import results_folder
from core.results.latency import read_latency
from core.results.runs import read_run
from core.training.experiments.studies import ALL_STUDIES, SUCCESSORS
from core.training.experiments.study import Study
from core.training.experiments.summary import GAPS, VariantFigures, compare, is_measured
from core.ui.frame.address import keep_in_address, start_from_address
from core.ui.frame.charts import show_chart, show_empty, show_heading, show_note
from core.ui.frame.words import language, t
from core.ui.models.run_detail import open_from_chart
from core.ui.models.run_table import show_study_table

STUDY_STATE, FIGURE_STATE, CURVES_STATE = "study", "figure", "curves"
ALL_RUNS = "all"


def study_name(name: str) -> str:
    """A study's name as people read it."""
    return t("study.all") if name == ALL_RUNS else t(f"study.name.{name.replace('-', '_')}")


def choose_study(table: pd.DataFrame) -> Study | None:
    """Let the reader choose a study, or all runs, which gives None; kept in the address.

    Studies that have variants to compare come first.
    """
    variants = table.groupby("study")["variant"].nunique()
    known = [name for name in ALL_STUDIES if SUCCESSORS.get(name) not in set(variants.index)]
    with_runs = [name for name in known if variants.get(name, 0) > 1]
    names = [*with_runs, ALL_RUNS, *(name for name in known if name not in with_runs)]
    start_from_address(STUDY_STATE, names)
    st.selectbox(t("study.choose"), names, format_func=study_name, key=STUDY_STATE, width=360)
    choice = keep_in_address(STUDY_STATE, names)
    st.query_params[STUDY_STATE] = choice  # always told: which study comes first depends on results
    return ALL_STUDIES.get(choice)


def show_study(study: Study, table: pd.DataFrame) -> None:
    """Draw a study: its finding, its variants, and what follows from them."""
    st.markdown(t(f"study.question.{study.name.replace('-', '_')}"))
    rows = table[table["study"] == study.name]
    if rows.empty:
        show_empty(t("study.empty.title"), t("study.empty.action", study=study.name))
        return
    words = finding(study, compare(study, table, "val_loss"), "val_loss", language())
    st.subheader(words.replace("~", r"\~"))
    for note, icon in (
        (answer(study, table, language()), "history_edu"),
        (progress(study, table, language()), "pending"),
        (unconverged(study, table, language()), "hourglass_bottom"),
    ):
        if note:
            show_note(note, icon)
    st.caption(f"{recipe(study, language())} {looked_at(study, table, language())}")
    _show_variants(study, table)
    if study.name in WITH_GAP:
        _show_gap(study, table)
    _show_curves(study, rows)
    show_heading(t("study.heading.table"))
    show_study_table(study, rows)


def _show_variants(study: Study, table: pd.DataFrame) -> None:
    start_from_address(FIGURE_STATE, FIGURES)
    st.selectbox(
        t("models.metric"),
        FIGURES,
        format_func=lambda name: figure_name(name, language()),
        key=FIGURE_STATE,
        width=360,
    )
    figure = keep_in_address(FIGURE_STATE, FIGURES)
    compared = compare(study, table, figure)
    on_test = _compared_on_test(study, table, figure, compared)
    places = st.columns(2, gap="large") if on_test else [st.container()]
    with places[0]:
        words = finding(study, compared, figure, language())
        caption = " ".join((words, dots_caption(figure, language())))
        chart = study_dots(study, compared, figure, language())
        show_heading(t("study.heading.compare"))
        open_from_chart(chart, caption, key=f"dots-{study.name}-{figure}")
        show_note(t("study.open_hint"), "touch_app")
    if on_test:
        name, tests = on_test
        best_first = compare(study, table, name)
        words = finding(study, best_first, name, language())
        caption = " ".join(filter(None, (words, orders(compared, best_first, language()))))
        with places[1]:
            show_heading(t("study.heading.test"))
            open_from_chart(
                study_dots(study, tests, name, language()), caption, key=f"dots-{study.name}-{name}"
            )
    if study.name.startswith("mixup"):
        words = finding(study, compared, figure, language())
        show_chart(
            mixup_grid(compared, figure, language()),
            t("study.caption.grid", finding=words),
            t("study.heading.grid"),
        )
    if study.name.startswith("architecture"):
        _show_latency(study, compared, figure)


def _compared_on_test(
    study: Study, table: pd.DataFrame, figure: str, order: Sequence[VariantFigures]
) -> tuple[str, list[VariantFigures]] | None:
    """The test figure that goes with a validation figure, and the variants in the same order."""
    name = figure.replace("val_", "test_")
    if name not in table or name == figure or not is_measured(study, table):
        return None
    by_name = {each.variant.name: each for each in compare(study, table, name)}
    return name, [by_name[each.variant.name] for each in order]


def _show_latency(study: Study, compared: Sequence[VariantFigures], figure: str) -> None:
    latency = read_latency()
    latency = latency[latency["size_px"] == study.settings["size_px"]]
    if latency.empty:
        return
    show_heading(t("study.heading.latency"))
    open_from_chart(
        latency_chart(study, compared, latency, figure, language()),
        latency_caption(study, compared, latency, figure, language()),
        key=f"latency-{figure}",
    )


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
    show_chart(
        gap_dots(study, splits, language()),
        t("study.caption.gap", finding=gap_finding(study, by_gap, by_test_gap, language())),
        t("study.heading.gap"),
    )


def _show_curves(study: Study, rows: pd.DataFrame) -> None:
    """Draw learning curves of runs that the reader chooses, at first the best and a baseline."""
    show_heading(t("study.heading.curves"))
    ordered = rows.sort_values("val_loss")
    titles = {
        f"{row.variant}@{row.seed}": _run_title(study, row.variant, row.seed)
        for row in ordered.itertuples()
    }
    folders = {f"{row.variant}@{row.seed}": row.run for row in ordered.itertuples()}
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
    runs = [
        replace(read_run(results_folder() / "runs" / folders[name]), name=titles[name])
        for name in chosen
    ]
    marks = run_marks(runs)
    left, right = st.columns(2, gap="large")
    with left:
        caption = loss_caption(runs, language())
        show_chart(loss_chart(runs, marks, language()), caption, t("models.heading.loss"))
    with right:
        caption = auroc_caption(runs, language())
        show_chart(auroc_chart(runs, marks, language()), caption, t("models.heading.auroc"))


def _run_title(study: Study, variant: str, seed: int) -> str:
    return f"{variant_title(study.name, variant, language())} · {t('study.run.seed')} {seed}"
