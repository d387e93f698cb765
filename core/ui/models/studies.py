"""The models page's studies: which one, its question, its answer and its chart.

Earlier studies most of whose runs were stopped before they converged conclude nothing. They have a
list of their own, out of the way of those that do.
"""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.reporting.captions.originals import Answer, answer
from core.reporting.captions.study import (
    FIGURES,
    figures_of,
    finding,
    frames_finding,
    headline,
    looked_at,
    note,
    open_question,
    orders,
    progress,
    recipe,
    reversal,
    unconverged,
)
from core.reporting.captions.study_names import (
    catalogue_name,
    figure_name,
    study_name,
    study_question,
)
from core.reporting.charts.differences import difference_dots
from core.training.experiments.studies import ALL_STUDIES
from core.training.experiments.study import Study
from core.training.experiments.summary import (
    VariantFigures,
    compare,
    current_studies,
    earlier_studies,
    is_complete,
    is_measured,
)
from core.ui.frame.address import keep_in_address, start_from_address
from core.ui.frame.charts import show_caption, show_empty
from core.ui.frame.headline import show_headline
from core.ui.frame.words import language, t
from core.ui.models.run_detail import open_from_chart
from core.ui.models.study_parts import show_parts

STUDY_STATE, FIGURE_STATE = "study", "figure"
ALL_RUNS, EARLIER = "all", "earlier"
_ICONS = {"yes": "check_circle", "no": "cancel", "unknown": "help"}


def choose_study(table: pd.DataFrame) -> str:
    """Let the reader choose a study by name, ``EARLIER`` or ``ALL_RUNS``; kept in the address.

    Studies that have variants to compare come first, complete ones before those under way; others
    only where the address names one.
    """
    known, earlier = current_studies(table), earlier_studies(table)
    variants = table.groupby("study")["variant"].nunique()
    with_runs = [name for name in known if variants.get(name, 0) > 1 and name not in earlier]
    with_runs.sort(key=lambda name: not is_complete(ALL_STUDIES[name], table))
    named = st.session_state.get(STUDY_STATE) or st.query_params.get(STUDY_STATE)
    others = [name for name in known if name not in with_runs and name == named]
    names = [*with_runs, *([EARLIER] if earlier else []), ALL_RUNS, *others]
    start_from_address(STUDY_STATE, names)
    st.pills(
        t("study.choose"),
        names,
        format_func=lambda name: study_name(name, language()),
        key=STUDY_STATE,
        required=True,
        label_visibility="collapsed",
    )
    choice = keep_in_address(STUDY_STATE, names)
    st.query_params[STUDY_STATE] = choice  # always told: which study comes first depends on results
    return choice


def show_earlier(table: pd.DataFrame) -> None:
    """List the earlier studies, each with its question, to open one."""
    show_headline(t("study.earlier"))
    st.space("small")
    for name in earlier_studies(table):
        with st.container(horizontal=True, vertical_alignment="center"):
            title = study_name(name, language())
            st.button(title, key=f"open-{name}", on_click=_open, args=[name])
            st.caption(open_question(ALL_STUDIES[name], table, language()))


def _open(name: str) -> None:
    st.session_state[STUDY_STATE] = name


def show_study(name: str, table: pd.DataFrame) -> None:
    """Draw a study: its question, its answer, one chart, and the rest folded."""
    study = ALL_STUDIES[name]
    rows = table[table["study"] == study.name]
    question = study_question(name, language())
    if rows.empty:
        show_headline(question)
        show_empty(t("study.empty.title"), t("study.empty.action", study=study.name))
        return
    by_loss, on_test = compare(study, table, "val_loss"), _on_test(study, table, "val_loss")
    opposite = reversal(study, by_loss, on_test, "test_loss", language())
    show_headline(headline(study, by_loss, on_test, language()))
    with st.container(horizontal=True, vertical_alignment="center"):
        if open_runs := unconverged(study, table, language()):
            st.badge(open_runs, color="orange", icon=":material/hourglass_bottom:")
        if left := progress(study, table, language()):
            st.badge(left, color="gray", icon=":material/pending:")
        st.caption(question)
        figure = _choose_figure(study, table, opposite)
    compared = compare(study, table, figure)
    is_told = opposite is not None and figure == "val_loss"
    _show_differences(study, table, compared, figure, is_told)
    _show_originals(table)
    show_parts(study, table, compared, figure)


def _choose_figure(study: Study, table: pd.DataFrame, opposite: str | None) -> str:
    """Let the reader choose what is compared; beside it, how the study was made and what else.

    Args:
        study: The study.
        table: Of all runs.
        opposite: What the test films say against validation, if they do.
    """
    figures = figures_of(study, table) or FIGURES
    start_from_address(FIGURE_STATE, figures)
    with st.popover(t("models.metric"), icon=":material/tune:", type="tertiary"):
        st.selectbox(
            t("models.metric"),
            figures,
            format_func=lambda name: figure_name(name, language()),
            key=FIGURE_STATE,
        )
    with st.popover(t("study.how"), icon=":material/help:", type="tertiary"):
        st.markdown(f"{note(study, language())} {recipe(study, language())}")
        st.markdown(looked_at(study, table, language()))
        for words in filter(None, (opposite, frames_finding(study, table, language()))):
            st.markdown(words)
        st.markdown(t("study.multiplicity"))
    return keep_in_address(FIGURE_STATE, figures)


def _show_differences(
    study: Study,
    table: pd.DataFrame,
    compared: Sequence[VariantFigures],
    figure: str,
    is_told: bool,
) -> None:
    """Draw the differences, and say how the test films order them unless the headline tells."""
    tested = _on_test(study, table, figure)
    words = finding(study, compared, figure, language())
    chart = difference_dots(study, compared, tested, figure, language())
    open_from_chart(chart, words, key=f"dots-{study.name}-{figure}")
    if order := tested and not is_told and orders(compared, tested, language()):
        show_caption(order)


def _on_test(study: Study, table: pd.DataFrame, figure: str) -> tuple[VariantFigures, ...]:
    """The variants by the test figure of a validation figure; none before the study's look."""
    name = figure.replace("val_", "test_")
    if name not in table or name == figure or not is_measured(study, table):
        return ()
    return compare(study, table, name)


def _show_originals(table: pd.DataFrame) -> None:
    """Whether the two findings of the original project hold here."""
    told: dict[str, Answer] = {}
    for name, study in current_studies(table).items():
        rows = table[table["study"] == name]
        found = None if rows.empty else answer(study, table, language())
        if found:
            told[catalogue_name(name).removesuffix("_lungs")] = found
    if not told:
        return
    st.markdown(f"**{t('study.original.title')}**")
    for column, (name, found) in zip(st.columns(2), told.items(), strict=False):
        with column.container(border=True, key=f"original_{name}"):
            verdict = t(f"study.original.{found.verdict}")
            claim = t(f"study.original.{name}")
            st.markdown(f":material/{_ICONS[found.verdict]}: {claim} **{verdict}**")
            show_caption(found.words)
