"""The evaluation page's parts: which films, at which operating point, and the curves."""

from collections.abc import Mapping

import streamlit as st

from core.data.conditions import CONDITIONS
from core.messages.catalogue import catalogue, text
from core.metrics.operating_points import benefit_of
from core.models import ModelCard
from core.reporting.captions.evaluation import (
    has_both_classes,
    metrics_glossary,
    metrics_table,
    precision_recall_caption,
    reliability_caption,
    roc_caption,
)
from core.reporting.captions.operating import decision_caption
from core.reporting.captions.robustness import thumbnail_sentence
from core.reporting.charts.evaluation import precision_recall_chart, reliability_chart, roc_chart
from core.reporting.charts.operating import decision_chart
from core.results.evaluations import Evaluation
from core.ui.frame.address import keep_in_address, start_from_address
from core.ui.frame.charts import show_chart, show_heading
from core.ui.frame.words import language, t

SET_STATE = "set"
PART_STATE = "part"
PARTS = ("curves", "figures", "groups", "models", "origin")


def choose_set(evaluations: Mapping[str, Evaluation]) -> Evaluation:
    """Let the reader choose the films; the choice is kept in the address."""
    names = list(evaluations)
    start_from_address(SET_STATE, names)
    st.segmented_control(
        t("evaluation.choose"), names, format_func=set_name, required=True, key=SET_STATE
    )
    return evaluations[keep_in_address(SET_STATE, names)]


def choose_part() -> str:
    """Let the reader choose what to see below the threshold; the choice is kept in the address."""
    start_from_address(PART_STATE, PARTS)
    spoken = language()
    st.segmented_control(
        t("evaluation.choose_part"),
        PARTS,
        format_func=lambda part: text(spoken, f"evaluation.part.{part}"),
        required=True,
        key=PART_STATE,
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


def show_basis(evaluation: Evaluation, card: ModelCard | None) -> None:
    """Say at which operating point and on how many films, and whether the weights still ship."""
    summary = evaluation.summary
    st.markdown(t("evaluation.operating_point", threshold=summary["threshold"], rule=_rule(card)))
    st.caption(
        t(
            "evaluation.basis",
            films=summary["n"],
            patients=summary["patients"],
            date=summary["date"],
        )
    )
    if thumbnail := thumbnail_sentence(summary, language()):
        st.caption(thumbnail)
    if card and card.sha256 != summary["weights_sha256"]:
        st.warning(t("evaluation.other_weights"), icon=":material/sync_problem:")


def _rule(card: ModelCard | None) -> str:
    """How the operating point was chosen, as far as the model's card is here to tell."""
    if card is None:
        return t("evaluation.rule_unknown")
    return t("evaluation.rule", conditions=len(CONDITIONS) - 1)


def show_figures(evaluation: Evaluation) -> None:
    """Draw the table of all metrics at the model's operating point, and what they mean."""
    show_heading(t("evaluation.heading.metrics"))
    st.table(metrics_table(evaluation.summary, language()), border="horizontal")
    with st.expander(t("evaluation.explain"), icon=":material/menu_book:"):
        st.markdown(metrics_glossary(language()))


def show_curves(evaluation: Evaluation) -> None:
    """Draw ROC, precision-recall, calibration and benefit; say so where a class is missing."""
    predictions, summary = evaluation.predictions, evaluation.summary
    if not has_both_classes(summary):
        st.info(t("evaluation.one_class"), icon=":material/info:")
        return
    left, right = st.columns(2, gap="large")
    with left:
        show_chart(
            roc_chart(predictions, summary, language()),
            roc_caption(summary, language()),
            t("evaluation.heading.roc"),
        )
    with right:
        show_chart(
            precision_recall_chart(predictions, summary, language()),
            precision_recall_caption(summary, language()),
            t("evaluation.heading.precision_recall"),
        )
    left, right = st.columns(2, gap="large")
    with left:
        show_chart(
            reliability_chart(predictions, language()),
            reliability_caption(predictions, summary, language()),
            t("evaluation.heading.reliability"),
        )
    with right:
        benefit = benefit_of(predictions, summary["threshold"])
        show_chart(
            decision_chart(benefit, language()),
            decision_caption(benefit, language()),
            t("threshold.heading.decision"),
        )
