"""The verdict on the Diagnosis page: word, probability, gauge, and what is to be kept in mind."""

import streamlit as st

from core.data.labels import Verdict
from core.imaging import Film
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

    Why a film gets no plain verdict stands before its probability, which is shown all the same
    where there are lungs.
    """
    verdict = diagnosis.verdict
    with st.container(key=f"word_{verdict.lower()}"):
        word = t(f"diagnosis.verdict.{verdict.lower()}")
        st.markdown(f"# {ICONS[verdict]} {word}")
    reasons = [brief(reason, language()) for reason in diagnosis.reasons]
    if reasons:
        with st.container(key="reasons"):
            _draw_lines(reasons)
    if diagnosis.lungs_found:
        percent = probability_words(diagnosis.probability, language())
        with st.container(key="probability"):
            st.markdown(t("diagnosis.probability", percent=percent))
        draw_gauge(diagnosis)
    told = [brief(notice, language()) for notice in (*film.notices, *diagnosis.told)]
    if diagnosis.is_hottest_outside_lungs:
        told.append(t("diagnosis.hottest_outside"))
    told = [line for line in dict.fromkeys(told) if line not in reasons]
    if told:
        with st.container(key="warnings"):
            _draw_lines(told)


def _draw_lines(lines: list[str]) -> None:
    """What is true of this film and to be kept in mind, a short line each."""
    st.markdown("\n\n".join(f":material/warning: {line}" for line in lines))


def draw_meaning(diagnosis: Diagnosis) -> None:
    """What such a verdict is worth, in natural frequencies."""
    st.markdown(short_worth_words(diagnosis, chosen_model(), language()))


def draw_refused(refusal: FilmError) -> None:
    """Why a file is not read, in the place of a verdict."""
    with st.container(key="word_refused"):
        st.markdown(f"# :material/block: {t('worklist.standing.refused')}")
    st.error(refusal.message(language()))
