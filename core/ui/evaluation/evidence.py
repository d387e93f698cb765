"""The evaluation page's further parts: review, subgroups, seeds, stress, choice and heatmaps.

Each is left out where it has not been measured.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.evaluation.selection import RULE
from core.inference.explanation_methods import METHODS
from core.messages.catalogue import catalogue
from core.models import ModelCard
from core.reporting.captions.evidence import (
    candidates_table,
    groups_of,
    has_review,
    masking_sentence,
    review_caption,
    review_table,
    seeds_caption,
    seeds_table,
    stress_caption,
    stress_table,
    subgroups_caption,
    subgroups_table,
)
from core.reporting.captions.robustness import frames_caption, frames_table, heat_sentence
from core.reporting.charts.evidence import review_chart, seeds_chart, stress_chart, subgroups_chart
from core.results.evaluations import Evaluation
from core.results.model_records import Choice, Masking, choices_of, masking_of, metrics_by_seed
from core.results.robustness import FrameFigures, HeatFigures, frames_of, heat_of
from core.ui.evaluation.overview import set_name
from core.ui.frame.charts import show_chart, show_heading, show_note
from core.ui.frame.words import language, t


def show_groups(evaluation: Evaluation) -> None:
    """Draw the review band and the groups of pneumonia, or say that neither was measured."""
    if not has_review(evaluation.summary) and not groups_of(evaluation.summary):
        show_note(t("evaluation.none_measured"), "hourglass_empty")
    _show_review(evaluation)
    _show_subgroups(evaluation)


def _show_review(evaluation: Evaluation) -> None:
    """Draw what the review band holds back, and the rates of the other films."""
    summary = evaluation.summary
    if not has_review(summary):
        return
    show_heading(t("evaluation.heading.review"))
    with _beside(review_table(summary, language()), t("evaluation.review.about")):
        show_chart(review_chart(summary, language()), review_caption(summary, language()))


def _show_subgroups(evaluation: Evaluation) -> None:
    """Draw the sensitivity in groups of pneumonias."""
    summary = evaluation.summary
    if not groups_of(summary):
        return
    show_heading(t("evaluation.heading.subgroups"))
    with _beside(subgroups_table(summary, language()), t("evaluation.group_table.about")):
        show_chart(subgroups_chart(summary, language()), subgroups_caption(summary, language()))


def _show_seeds(seeds: Sequence[Mapping[str, Any]]) -> None:
    """Draw the mean over seeds, and each seed, where the recipe was trained with several."""
    if len(seeds) < 2:
        return
    show_heading(t("evaluation.heading.seeds"))
    with _beside(seeds_table(seeds, language())):
        show_chart(seeds_chart(seeds, language()), seeds_caption(seeds, language()))


def show_origin(evaluation: Evaluation, card: ModelCard | None) -> None:
    """Draw other seeds, stress, choice and heatmaps, or say that none of it was measured."""
    seeds = metrics_by_seed(evaluation.model, evaluation.dataset)
    chosen = choices_of(card.runs) if card else ()
    masking = masking_of(card.name, card.sha256) if card else None
    frames = frames_of(card.name, card.sha256) if card else None
    heat = heat_of(card.name, card.sha256) if card else None
    if len(seeds) < 2 and not chosen and masking is None and frames is None and heat is None:
        show_note(t("evaluation.none_measured"), "hourglass_empty")
    _show_seeds(seeds)
    _show_choices(chosen)
    _show_frames(frames)
    _show_heatmaps(masking, heat)


def _show_frames(frames: FrameFigures | None) -> None:
    """Draw how often the verdict stays under frames that leave the lungs alone."""
    if frames is None:
        return
    show_heading(t("evaluation.heading.frames"))
    st.table(frames_table(frames, language()), border="horizontal")
    st.caption(frames_caption(frames, set_name(frames.dataset), language()))


def _show_heatmaps(masking: Masking | None, heat: HeatFigures | None) -> None:
    """Tell whether hot places carry the score, and whether they lie in the lungs."""
    if masking is None and heat is None:
        return
    show_heading(t("evaluation.heading.heatmaps"))
    if masking is not None:
        for method in masking.lowered:
            title = METHODS[method].title
            show_note(masking_sentence(masking, method, title, language()), "local_fire_department")
    if heat is None:
        return
    for dataset, figures in heat.sets.items():
        title = METHODS[heat.method].title
        if told := heat_sentence(figures, title, set_name(dataset), language()):
            show_note(told, "pulmonology")


def _beside(table: pd.DataFrame, about: str | None = None) -> DeltaGenerator:
    """Draw a table on the right, with what it means below; gives the place on its left."""
    left, right = st.columns(2, gap="large")
    with right:
        st.table(table, border="horizontal")
        if about:
            st.caption(about)
    return left


def _show_choices(choices: Sequence[Choice]) -> None:
    """Draw how the model fares under stress, and tell how it was chosen."""
    if not choices:
        return
    show_heading(t("evaluation.heading.stress"))
    _show_stress(choices[0])
    show_heading(t("evaluation.heading.choice"))
    _show_records(choices)


def _show_stress(choice: Choice) -> None:
    candidates = (choice.chosen, choice.others)
    show_chart(
        stress_chart(*candidates, language()),
        stress_caption(*candidates, choice.films, language()),
    )
    with st.expander(t("evaluation.heading.stress_table"), icon=":material/table:"):
        st.dataframe(stress_table(*candidates, language()), alt=t("evaluation.heading.stress"))


def _show_records(choices: Sequence[Choice]) -> None:
    for choice in choices:
        rule = t("evaluation.choice.rule") if choice.rule == RULE else choice.rule
        key = f"evaluation.why.{choice.name}"
        why = t(key) if key in catalogue(language()) else choice.why
        st.markdown(t("evaluation.choice.text", why=why, date=choice.date, rule=rule))
        table = candidates_table(choice.chosen, choice.others, language())
        st.table(table, border="horizontal")
