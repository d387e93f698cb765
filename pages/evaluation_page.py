"""Evaluation: what the chosen model does on films that it was not trained on."""

import streamlit as st

from core.results.evaluations import read_evaluations
from core.ui.evaluation.curves import show_curves
from core.ui.evaluation.evidence import show_groups, show_robustness
from core.ui.evaluation.overview import choose_part, choose_set, show_head
from core.ui.evaluation.own_films import show_own_films
from core.ui.evaluation.paired import show_comparison
from core.ui.evaluation.threshold import show_threshold
from core.ui.frame.charts import show_empty
from core.ui.frame.headline import show_headline
from core.ui.frame.model_names import card_of
from core.ui.frame.settings import chosen_model
from core.ui.frame.words import t

model = chosen_model()
card = card_of(model)
evaluations = read_evaluations(model)
if evaluations:
    evaluation = choose_set(evaluations, card)
    show_head(evaluation, card)
    show_threshold(evaluation, card)
    st.divider()
    part = choose_part()
    if part == "curves":
        show_curves(evaluation)
    elif part == "groups":
        show_groups(evaluation)
    elif part == "models":
        show_comparison(evaluation)
    elif part == "own":
        show_own_films()
    else:
        show_robustness(card)
else:
    show_headline(t("evaluation.title"))
    show_empty(t("evaluation.empty.title", model=model), t("evaluation.empty.action"))
