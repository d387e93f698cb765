"""The head of the Evaluation page: which films, what they say in one line, and four figures."""

from collections.abc import Mapping

import streamlit as st

from core.data.conditions import CONDITIONS
from core.messages.catalogue import catalogue, text
from core.messages.errors import WeightsError
from core.messages.plain import csv_bytes
from core.models import ModelCard
from core.models.population_card import population_card
from core.reporting.captions.evaluation import (
    FIRST_FIGURES,
    headline,
    is_no_better_than_chance,
    metrics_glossary,
    metrics_table,
)
from core.reporting.numbers import percent, written, written_interval
from core.results.evaluations import TEST, Evaluation
from core.results.population import TOLD_OF, PopulationFigures, population_of
from core.ui.frame.address import keep_in_address, start_from_address
from core.ui.frame.headline import show_headline
from core.ui.frame.model_names import model_title
from core.ui.frame.words import language, t

SET_STATE, PART_STATE = "set", "part"
_COUNTS = ("n", "adult", "neither")
PARTS = ("curves", "groups", "models", "robustness", "own")


def choose_set(evaluations: Mapping[str, Evaluation], card: ModelCard | None) -> Evaluation:
    """Let the reader choose the films, kept in the address; beside it, all figures and notes.

    Args:
        evaluations: By the set's name.
        card: The model's card; None where it is not here.
    """
    names = list(evaluations)
    start_from_address(SET_STATE, names)
    with st.container(horizontal=True, vertical_alignment="center", key="pills"):
        st.segmented_control(
            t("evaluation.choose"),
            names,
            format_func=set_name,
            required=True,
            key=SET_STATE,
            label_visibility="collapsed",
        )
        evaluation = evaluations[keep_in_address(SET_STATE, names)]
        with st.popover(t("evaluation.all_figures"), icon=":material/table:", type="tertiary"):
            _show_all_figures(evaluation)
        with st.popover(t("evaluation.about_films"), icon=":material/info:", type="tertiary"):
            _show_basis(evaluation, card)
    return evaluation


def _show_all_figures(evaluation: Evaluation) -> None:
    table = metrics_table(evaluation.summary, language())
    st.table(table, border="horizontal")
    st.download_button(
        t("models.download"),
        csv_bytes(table.reset_index()),
        file_name=f"{evaluation.model}-{evaluation.dataset}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    with st.expander(t("evaluation.explain"), icon=":material/menu_book:"):
        st.markdown(metrics_glossary(language()))


def _show_basis(evaluation: Evaluation, card: ModelCard | None) -> None:
    summary = evaluation.summary
    st.markdown(set_note(evaluation.dataset))
    point = t("evaluation.operating_point", threshold=percent(summary["threshold"], language()))
    rule = t("evaluation.rule", conditions=len(CONDITIONS) - 1) if card else ""
    st.markdown(f"{point} {rule or t('evaluation.rule_unknown')}")
    st.markdown(t("evaluation.intervals"))
    if population := _population():
        _show_population(evaluation.dataset, population)


def _show_population(dataset: str, found: PopulationFigures) -> None:
    """Whose films these are by the picture and, of test films, how large the lungs are."""
    if told := found.sets.get(TOLD_OF.get(dataset, "")):
        st.markdown(t("evaluation.population", **{name: told[name] for name in _COUNTS}))
    sizes = {name: f"{each['median_px']:,.0f}" for name, each in found.lung_heights.items()}
    if dataset == TEST and {"test_child", "test_others"} <= set(sizes):
        child, others = sizes["test_child"], sizes["test_others"]
        st.markdown(t("evaluation.population_sizes", child=child, others=others))


def _population() -> PopulationFigures | None:
    """The measurement of the shipped population reader; None where it is unmeasured."""
    try:
        return population_of(population_card().sha256)
    except WeightsError:
        return None


def show_head(evaluation: Evaluation, card: ModelCard | None) -> None:
    """Say what the model is worth on these films, with four figures and their intervals."""
    summary, spoken = evaluation.summary, language()
    failed = is_no_better_than_chance(summary)
    show_headline(headline(summary, set_name(evaluation.dataset), spoken), is_bad=failed)
    st.caption(
        t(
            "evaluation.basis",
            model=model_title(evaluation.model),
            films=f"{summary['n']:,}",
            patients=f"{summary['patients']:,}",
            date=summary["date"],
        )
    )
    if card and card.sha256 != summary["weights_sha256"]:
        st.warning(t("evaluation.other_weights"), icon=":material/sync_problem:")
    for column, name in zip(st.columns(len(FIRST_FIGURES)), FIRST_FIGURES, strict=True):
        column.metric(
            t(f"evaluation.figure.{name}"),
            written(name, summary[name]["value"], spoken),
            delta=written_interval(name, summary[name], spoken),
            delta_color="off",
            delta_arrow="off",
            help=t(f"metric.about.{name}"),
            border=True,
        )


def choose_part() -> str:
    """Let the reader choose what to see at the foot of the page; kept in the address."""
    start_from_address(PART_STATE, PARTS)
    spoken = language()
    st.segmented_control(
        t("evaluation.choose_part"),
        PARTS,
        format_func=lambda part: text(spoken, f"evaluation.part.{part}"),
        required=True,
        key=PART_STATE,
        label_visibility="collapsed",
    )
    return keep_in_address(PART_STATE, PARTS)


def set_name(dataset: str) -> str:
    """A set's name as people read it; a folder without one keeps its own."""
    key = f"evaluation.set.{dataset}"
    return t(key) if key in catalogue(language()) else dataset


def set_note(dataset: str) -> str:
    """What a set's films are, and what its figures do not say."""
    key = f"evaluation.note.{dataset}"
    return t(key) if key in catalogue(language()) else t("evaluation.note.other")
