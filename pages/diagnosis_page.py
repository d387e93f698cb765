"""Diagnosis: films in, verdict, probability and heatmap out, and a list where there are many."""

import streamlit as st

from core.messages.errors import WeightsError
from core.ui.diagnosis.exports import draw_exports
from core.ui.diagnosis.intake import draw_empty, draw_intake, draw_sample
from core.ui.diagnosis.progress import draw_progress
from core.ui.diagnosis.reader import draw_opinion, draw_place
from core.ui.diagnosis.second_look import draw_evidence, explained_reading
from core.ui.diagnosis.session import opened, opened_bytes, opened_row, openings, see_film, worklist
from core.ui.diagnosis.verdict import draw_verdict
from core.ui.diagnosis.viewer import draw_film
from core.ui.diagnosis.worklist import draw_list
from core.ui.frame.words import show_error, t
from core.ui.kept.tab import guard_notes

st.title(t("diagnosis.title"))
draw_intake()
progress = st.container()
waiting = st.container()
# Two rooms take turns: the last film's verdict and note are off the screen before the next film's.
room = [st.empty(), st.empty()][openings() % 2]


@st.fragment
def draw_conclusion() -> None:
    """What the reader says of the verdict, and what leaves; drawn alone while a note is written."""
    said, leaving = st.columns([3, 2], gap="medium")
    with said:
        draw_opinion()
    with leaving:
        if found := explained_reading():
            draw_exports(found, opened_bytes)
    guard_notes()


def draw_reading() -> None:
    """The open film with its verdict, or why it is refused."""
    with waiting, st.spinner(t("diagnosis.reading")):
        row, found = opened_row(), explained_reading()
    with room.container():
        draw_sample()
        draw_place()
        if row and row.finding and row.finding.refusal:
            show_error(row.finding.refusal)
        if found:
            verdict, films = st.columns([2, 5], gap="medium")
            with verdict.container(key="verdict"):
                draw_verdict(found.film, found.diagnosis)
            with films:
                draw_film(found.film, found.diagnosis)
                draw_conclusion()
                draw_evidence(found.film, found.diagnosis)
    see_film()


try:
    if opened() is not None:
        draw_reading()
    elif len(worklist()):
        with room.container():
            draw_list()
    else:
        with room.container():
            draw_empty()
    with progress:
        draw_progress()
except WeightsError as broken:
    with room.container():
        show_error(broken)
