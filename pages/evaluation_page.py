"""Evaluation: what the chosen model does on films that it was not trained on."""

import streamlit as st

from core.reporting.captions.evaluation import evaluation_sentence
from core.results.evaluations import read_evaluations
from core.ui.evaluation.evidence import show_groups, show_origin
from core.ui.evaluation.overview import (
    choose_part,
    choose_set,
    set_note,
    show_basis,
    show_curves,
    show_figures,
)
from core.ui.evaluation.paired import show_comparison
from core.ui.evaluation.threshold import show_threshold
from core.ui.frame.charts import show_empty, show_note
from core.ui.frame.model_names import card_of, model_title
from core.ui.frame.settings import chosen_model
from core.ui.frame.words import language, t

model = chosen_model()
card = card_of(model)
evaluations = read_evaluations(model)

st.title(t("evaluation.title"))
st.markdown(t("evaluation.lead", model=model_title(model)))

if evaluations:
    evaluation = choose_set(evaluations)
    st.subheader(evaluation_sentence(evaluation.summary, language()))
    show_basis(evaluation, card)
    show_note(set_note(evaluation.dataset), "group")
    show_threshold(evaluation, card)
    st.divider()
    part = choose_part()
    if part == "curves":
        show_curves(evaluation)
    elif part == "figures":
        show_figures(evaluation)
    elif part == "groups":
        show_groups(evaluation)
    elif part == "models":
        show_comparison(evaluation)
    else:
        show_origin(evaluation, card)
else:
    show_empty(t("evaluation.empty.title", model=model), t("evaluation.empty.action"))
