"""Diagnosis: films in; verdict, probability and the film with its heat out."""

from functools import partial

import streamlit as st

from core.archive.settings import is_configured
from core.inference.reading import Reading
from core.inference.worklist import Row
from core.messages.errors import WeightsError
from core.ui.diagnosis.details import draw_details_button
from core.ui.diagnosis.exports import draw_exports
from core.ui.diagnosis.intake import draw_intake
from core.ui.diagnosis.layout import draw_style
from core.ui.diagnosis.more import draw_more
from core.ui.diagnosis.progress import draw_before, draw_progress
from core.ui.diagnosis.read_first import draw_own, draw_question, draw_summary_button, is_hidden
from core.ui.diagnosis.reader import draw_opinion, draw_place
from core.ui.diagnosis.second_look import draw_tests_button, explained_reading
from core.ui.diagnosis.session import opened, opened_bytes, opened_row, openings, see_film, worklist
from core.ui.diagnosis.strip import draw_strip
from core.ui.diagnosis.verdict import draw_meaning, draw_refused, draw_verdict
from core.ui.diagnosis.viewer import draw_film
from core.ui.diagnosis.worklist import draw_list
from core.ui.frame.words import show_error, t
from core.ui.kept.tab import guard_notes

draw_style()
page = st.container(key="diagnosis")
with page:
    # Two rooms take turns: the last film's verdict and note are gone before the next film's come.
    room = [st.empty(), st.empty()][openings() % 2]
    with st.container(key="intake"):
        draw_intake()
        progress = st.container()


@st.fragment
def draw_conclusion(row: Row) -> None:
    """What the reader says of the verdict, and what leaves; drawn alone while a note is written."""
    draw_opinion(row)
    if found := explained_reading():
        with st.popover(t("diagnosis.report"), icon=":material/download:", key="report_box"):
            draw_exports(found, opened_bytes)
            if is_configured():
                from core.ui.diagnosis.sending import draw_sending  # for an archive alone

                draw_sending(found, opened_bytes)
    guard_notes()


def draw_beside(row: Row, found: Reading) -> None:
    """What is to be said and done of a verdict."""
    draw_meaning(found.diagnosis)
    draw_own(row)
    draw_conclusion(row)
    with st.container(horizontal=True, gap="xsmall", key="ways"):
        draw_tests_button(found.film, found.diagnosis)
        draw_more(found.film, found.diagnosis)
        draw_details_button(found.film, found.diagnosis)


def draw_reading() -> None:
    """The open film with its verdict, or why it is refused; its place is there from the start."""
    with room.container(key="reading"):
        verdict, stage, beside = (st.container(key=name) for name in ("verdict", "stage", "beside"))
    with verdict:
        waiting = st.empty()
        waiting.markdown(f"# {t('diagnosis.reading')}")
    row, found = opened_row(partial(draw_before, waiting)), explained_reading()
    waiting.empty()
    hidden = row is not None and is_hidden(row)
    with verdict:
        if row and row.finding and row.finding.refusal:
            draw_refused(row.finding.refusal)
        elif row and hidden:
            draw_question(row)
        elif found:
            draw_verdict(found.film, found.diagnosis)
    with stage:
        if found:
            draw_film(found.film, found.diagnosis, hidden)
        draw_strip()
    with beside:
        if row and found and not hidden:
            draw_beside(row, found)
        draw_place()
        draw_summary_button()
        with st.container(key="not_device"):
            st.markdown(t("diagnosis.not_device"))
    see_film()


try:
    if opened() is not None:
        draw_reading()
    elif len(worklist()):
        with room.container():
            draw_list()
            draw_summary_button()
    with progress:
        draw_progress()
except WeightsError as broken:
    with room.container():
        show_error(broken)
