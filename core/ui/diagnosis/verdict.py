"""The verdict on the Diagnosis page, with its meaning and its limits."""

import streamlit as st

from core.data.labels import Verdict
from core.imaging import Film
from core.inference.diagnosis import Diagnosis
from core.models import load_card
from core.reporting.captions.second_look import settings_words
from core.reporting.captions.verdict import (
    called_words,
    facts_words,
    probability_words,
    worth_words,
)
from core.reporting.charts.probability import probability_scale
from core.reporting.numbers import percent
from core.ui.frame.settings import chosen_model
from core.ui.frame.words import language, t

ICONS = {
    Verdict.NORMAL: ":material/circle:",
    Verdict.PNEUMONIA: ":material/adjust:",
    Verdict.REVIEW: ":violet[:material/person_search:]",  # the colour of the band on the scale
}


def draw_verdict(film: Film, diagnosis: Diagnosis) -> None:
    """The verdict as a word, the probability on its scale, and what both mean and do not mean."""
    verdict = t(f"diagnosis.verdict.{diagnosis.verdict.lower()}")
    st.markdown(f"## {ICONS[diagnosis.verdict]} {verdict}")
    st.markdown(_probability(diagnosis))
    _draw_scale(diagnosis)
    if notices := (*film.notices, *diagnosis.told):
        words = "\n\n".join(notice.message(language()) for notice in notices)
        st.warning(words, icon=":material/warning:")
    called = called_words(diagnosis.verdict, diagnosis.review, language(), diagnosis.reasons)
    st.markdown(called)
    st.markdown(worth_words(diagnosis, chosen_model(), language()))
    st.caption(t("diagnosis.calibrated"))
    st.info(t("diagnosis.not_for"), icon=":material/info:")
    st.caption(_provenance(film, diagnosis))


def _probability(diagnosis: Diagnosis) -> str:
    percentage = probability_words(diagnosis.probability, language())
    return t("diagnosis.probability", percent=percentage)


def _draw_scale(diagnosis: Diagnosis) -> None:
    """The probability's scale; who cannot see it hears the same."""
    low, high = (percent(edge, language()) for edge in diagnosis.review)
    mark = t("diagnosis.operating_point", percent=percent(diagnosis.threshold, language()))
    band = t("diagnosis.review_band", low=low, high=high)
    st.plotly_chart(
        probability_scale(diagnosis.probability, diagnosis.threshold, mark, diagnosis.review, band),
        config={"displayModeBar": False},
        alt=f"{_probability(diagnosis).replace('**', '')}; {mark}; {band}",
    )


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
