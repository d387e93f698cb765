"""The verdict on the Diagnosis page: word, probability, gauge, and what is to be kept in mind."""

import streamlit as st

from core.data.labels import Verdict
from core.imaging import Film, Notice
from core.inference.diagnosis import Diagnosis
from core.messages.errors import FilmError
from core.reporting.captions.verdict import probability_words, short_worth_words
from core.reporting.captions.warnings import brief
from core.ui.diagnosis.gauge import draw_gauge
from core.ui.frame.settings import chosen_model
from core.ui.frame.words import language, t

ICONS = {
    Verdict.NORMAL: ":material/circle:",
    Verdict.PNEUMONIA: ":material/adjust:",
    Verdict.REVIEW: ":material/person_search:",
}


def draw_verdict(film: Film, diagnosis: Diagnosis) -> None:
    """The verdict in one look.

    Where the film is not one of those that the model learned, its probability means nothing: the
    reason stands in its place.
    """
    verdict = diagnosis.verdict
    with st.container(key=f"word_{verdict.lower()}"):
        word = t(f"diagnosis.verdict.{verdict.lower()}")
        st.markdown(f"# {ICONS[verdict]} {word}")
    if not diagnosis.reasons:
        percent = probability_words(diagnosis.probability, language())
        with st.container(key="probability"):
            st.markdown(t("diagnosis.probability", percent=percent))
        draw_gauge(diagnosis)
    draw_warnings((*diagnosis.reasons, *film.notices, *diagnosis.told), diagnosis)


def draw_warnings(notices: tuple[Notice, ...], diagnosis: Diagnosis) -> None:
    """What is true of this film and to be kept in mind, a short line each."""
    lines = [brief(notice, language()) for notice in notices]
    if diagnosis.is_hottest_outside_lungs:
        lines.append(t("diagnosis.hottest_outside"))
    if lines:
        with st.container(key="warnings"):
            st.markdown("\n\n".join(f":material/warning: {line}" for line in lines))


def draw_meaning(diagnosis: Diagnosis) -> None:
    """What such a verdict is worth, in natural frequencies."""
    st.markdown(short_worth_words(diagnosis, chosen_model(), language()))


def draw_refused(refusal: FilmError) -> None:
    """Why a file is not read, in the place of a verdict."""
    with st.container(key="word_refused"):
        st.markdown(f"# :material/block: {t('worklist.standing.refused')}")
    st.error(refusal.message(language()))
