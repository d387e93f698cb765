"""The drawer that tells in full what the page beside the film says in a few words."""

import streamlit as st

from core.imaging import Film
from core.inference.diagnosis import Diagnosis
from core.models import load_card
from core.reporting.captions.second_look import heatmap_words, settings_words
from core.reporting.captions.verdict import (
    calibrated_words,
    called_words,
    facts_words,
    figures_words,
    site_words,
    worth_words,
)
from core.ui.frame.settings import chosen_model
from core.ui.frame.words import language, t

DRAWER_PX = 420


def draw_details_button(film: Film, diagnosis: Diagnosis) -> None:
    """Open the drawer."""
    if st.button(t("diagnosis.details"), type="tertiary", key="details"):
        st.dialog(t("diagnosis.details"), position="right", width=DRAWER_PX)(_draw)(film, diagnosis)


def _draw(film: Film, diagnosis: Diagnosis) -> None:
    words = language()
    for notice in (*film.notices, *diagnosis.told):
        st.markdown(f":material/warning: {notice.message(words)}")
    st.markdown(called_words(diagnosis.verdict, diagnosis.review, words, diagnosis.reasons))
    st.markdown(worth_words(diagnosis, chosen_model(), words))
    st.markdown(figures_words(diagnosis, words))
    if site := site_words(diagnosis, words):
        st.markdown(site)
    st.caption(calibrated_words(diagnosis, words))
    st.caption(heatmap_words(diagnosis.heatmap, words))
    st.caption(t("diagnosis.not_for"))
    st.caption(_provenance(film, diagnosis))


def _provenance(film: Film, diagnosis: Diagnosis) -> str:
    """The film's known facts, and which weights read which file."""
    card = load_card(chosen_model())
    bound = t(
        "diagnosis.bound",
        film=diagnosis.film_sha256[:12],
        model=f"{card.name} {card.version}",
        weights=diagnosis.weights_sha256[:12],
    )
    settings = settings_words(diagnosis, language())
    return f"{facts_words(film.facts, language())}  \n{bound}  \n{settings}"
