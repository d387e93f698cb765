"""The evaluation page's further parts: review, groups and views; frames, stress and heatmaps.

What has not been measured is said to be missing.
"""

import pandas as pd
import streamlit as st

from core.evaluation.selection import RULE
from core.inference.explanation_methods import METHODS
from core.messages.catalogue import catalogue
from core.models import ModelCard
from core.reporting.captions.evidence import (
    candidates_table,
    groups_of,
    has_review,
    masking_sentence,
    review_table,
    stress_caption,
    subgroups_table,
    views_table,
)
from core.reporting.captions.robustness import frames_caption, frames_table, heat_sentence
from core.reporting.charts.evidence import review_chart, stress_chart, subgroups_chart
from core.results.evaluations import SETS_FIRST, Evaluation
from core.results.model_records import Choice, choices_of, masking_of
from core.results.robustness import frames_of, heat_of
from core.ui.evaluation.overview import set_name
from core.ui.frame.charts import draw_chart, show_caption, show_heading, show_note
from core.ui.frame.words import language, t

_MISSING = "hourglass_empty"


def show_groups(evaluation: Evaluation) -> None:
    """Draw the views of a set from elsewhere, the review band and the groups of pneumonia."""
    summary, spoken = evaluation.summary, language()
    if evaluation.dataset not in SETS_FIRST:
        show_heading(t("evaluation.heading.views"))
        st.table(views_table(summary, spoken), border="horizontal")
        show_caption(t("evaluation.views.about"))
    drawn = {}
    if has_review(summary):
        drawn["review"] = review_chart(summary, spoken), review_table(summary, spoken)
    if groups_of(summary):
        drawn["subgroups"] = subgroups_chart(summary, spoken), subgroups_table(summary, spoken)
    if not drawn:
        show_note(t("evaluation.none_measured"), _MISSING)
        return
    for column, (name, (chart, table)) in zip(
        st.columns(2, gap="large"), drawn.items(), strict=False
    ):
        with column:
            show_heading(t(f"evaluation.heading.{name}"))
            draw_chart(chart, _alt(table))
            with st.expander(t("evaluation.heading.table"), icon=":material/table:"):
                st.table(table, border="horizontal")


def _alt(table: pd.DataFrame) -> str:
    """A small table as words."""
    rows = (
        f"{row}: " + ", ".join(f"{name} {value}" for name, value in values.items())
        for row, values in table.iterrows()
    )
    return "; ".join(rows)


def show_robustness(card: ModelCard | None) -> None:
    """Draw what frames and stress do to the verdict, and where the heat lies."""
    left, right = st.columns(2, gap="large")
    with left:
        _show_frames(card)
        _show_heatmaps(card)
    with right:
        choices = choices_of(card.runs) if card else ()
        _show_stress(choices)
    _show_choices(choices)


def _show_frames(card: ModelCard | None) -> None:
    show_heading(t("evaluation.heading.frames"))
    frames = frames_of(card.name, card.sha256) if card else None
    if frames is None:
        show_note(t("evaluation.frames.missing"), _MISSING)
        return
    table = frames_table(frames, language())
    st.table(table[-1:], border="horizontal")
    with st.expander(t("evaluation.frames.each"), icon=":material/crop_free:"):
        st.table(table[:-1], border="horizontal")
    show_caption(frames_caption(frames, set_name(frames.dataset), language()))


def _show_stress(choices: tuple[Choice, ...]) -> None:
    show_heading(t("evaluation.heading.stress"))
    if not choices:
        show_note(t("evaluation.stress_missing"), _MISSING)
        return
    choice = choices[0]
    caption = stress_caption(choice.chosen, choice.films, language())
    draw_chart(stress_chart(choice.chosen, choice.others, language()), caption)
    show_caption(caption)


def _show_heatmaps(card: ModelCard | None) -> None:
    """Tell whether hot places carry the score, and whether they lie in the lungs."""
    show_heading(t("evaluation.heading.heatmaps"))
    masking = masking_of(card.name, card.sha256) if card else None
    heat = heat_of(card.name, card.sha256) if card else None
    if masking is None:
        show_note(t("evaluation.masking_missing"), _MISSING)
    else:
        for method in masking.lowered:
            told = masking_sentence(masking, method, METHODS[method].title, language())
            show_note(told, "local_fire_department")
    if heat is None:
        show_note(t("evaluation.heat_missing"), _MISSING)
    else:
        title = METHODS[heat.method].title
        for dataset, figures in heat.sets.items():
            if inside := heat_sentence(figures, title, set_name(dataset), language()):
                show_note(inside, "pulmonology")


def _show_choices(choices: tuple[Choice, ...]) -> None:
    if not choices:
        return
    with st.expander(t("evaluation.heading.choice"), icon=":material/how_to_vote:"):
        for choice in choices:
            rule = t("evaluation.choice.rule") if choice.rule == RULE else choice.rule
            key = f"evaluation.why.{choice.name}"
            why = t(key) if key in catalogue(language()) else choice.why
            st.markdown(t("evaluation.choice.text", why=why, date=choice.date, rule=rule))
            table = candidates_table(choice.chosen, choice.others, language())
            st.table(table, border="horizontal")
