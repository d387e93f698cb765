"""From the archive: search it, and fetch a study's films into the list."""

import re
from datetime import date
from io import BytesIO
from typing import Any

import pandas as pd
import streamlit as st

from core.archive.answers import Study
from core.archive.server import FILM_MODALITIES, MOST_FILMS, Archive, Wanted
from core.archive.settings import settings
from core.messages.errors import ReadingRoomError, RemoteTooLarge
from core.ui.diagnosis.session import FOUND_STUDIES, close_film, open_film, openings, worklist
from core.ui.frame.words import show_error, t

_CLICKED, _CHOSEN, _TOLD = "archive_clicked", "archive_chosen", "archive_told"
_BOX_PX, _DAYS_PX, _MODALITY_PX = 700, 290, 110
_ROW_PX, _SHOWN_ROWS = 36, 8
_COLUMN_PX = {
    "fetch": 55,
    "date": 90,
    "patient": 145,
    "patient_id": 90,
    "description": 125,
    "modalities": 75,
    "images": 65,
}


@st.fragment
def draw_archive() -> None:
    """A box with the search and what it found; the films of a chosen study go into the list."""
    opening, told = st.session_state.get(_TOLD, (None, None))
    if told and opening == openings():  # until another film is opened
        show_error(told)
    key = f"archive_box-{openings()}"  # another one once a film was opened, and so shut
    box = st.popover(t("archive.open"), icon=":material/dns:", key=key)
    with box, st.container(key="archive_search", width=_BOX_PX):
        try:
            archive = Archive(settings())
            _draw_search(archive)
            if (chosen := st.session_state.pop(_CHOSEN, None)) is not None:
                _fetch(archive, chosen)
        except ReadingRoomError as error:
            show_error(error)
        _draw_found()


def _draw_search(archive: Archive) -> None:
    """What to search for; keeps what was found.

    Raises:
        RemoteError: The archive did not answer.
    """
    with st.form("archive_form", border=False):
        patient = st.text_input(
            t("archive.patient"), placeholder=t("archive.patient_hint"), key="archive_patient"
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            days = st.date_input(
                t("archive.date"), [], key="archive_days", format="YYYY-MM-DD", width=_DAYS_PX
            )
            modality = st.selectbox(
                t("archive.modality"),
                ("", *FILM_MODALITIES),
                format_func=lambda name: name or t("archive.any_modality"),
                key="archive_modality",
                width=_MODALITY_PX,
            )
            is_asked = st.form_submit_button(
                t("archive.search"), icon=":material/search:", key="archive_go"
            )
    if is_asked:
        st.session_state.pop(FOUND_STUDIES, None)
        with st.spinner(t("archive.searching")):
            wanted = Wanted(patient, *_first_and_last(days), modality)
            st.session_state[FOUND_STUDIES] = archive.search(wanted)


def _first_and_last(days: Any) -> tuple[date | None, date | None]:
    """The ends of a range of days; of one that is half chosen, the one day."""
    chosen = tuple(days or ())
    return (chosen[0], chosen[-1]) if chosen else (None, None)


def _draw_found() -> None:
    """The studies, each with a button that fetches its films."""
    if FOUND_STUDIES not in st.session_state:
        return
    studies, are_more = st.session_state[FOUND_STUDIES]
    if not studies:
        st.info(t("archive.none_found"))
        return
    if are_more:
        st.caption(t("archive.more_found", studies=len(studies)))
    st.dataframe(
        pd.DataFrame([_line(number, study) for number, study in enumerate(studies, 1)]),
        hide_index=True,
        column_config=_column_config(),
        row_height=_ROW_PX,
        height=min(len(studies), _SHOWN_ROWS) * _ROW_PX + _ROW_PX + 2,
        placeholder="",
        alt=t("archive.alt"),
        on_select="rerun",  # as the list: columns sorted in the browser alone would move the rows
        selection_mode="single-column",
        key="archive_table",
    )


def _line(number: int, study: Study) -> dict[str, object]:
    return {
        "fetch": str(number),
        "date": study.date,
        "patient": study.patient,
        "patient_id": study.patient_id,
        "description": study.description,
        "modalities": ", ".join(study.modalities),
        "images": study.images,
    }


def _column_config() -> dict[str, Any]:
    config = st.column_config
    plain = {
        name: config.Column(t(f"archive.column.{name}"), width=width)
        for name, width in _COLUMN_PX.items()
    }
    fetch = config.ButtonColumn(
        t("archive.column.fetch"),
        width=_COLUMN_PX["fetch"],
        pinned=True,
        key=_CLICKED,
        on_click=_choose_clicked,
        help=t("archive.fetch_help"),
    )
    return {**plain, "fetch": fetch}


def _choose_clicked() -> None:
    studies, _ = st.session_state[FOUND_STUDIES]
    st.session_state[_CHOSEN] = studies[int(st.session_state[_CLICKED].label) - 1]


def _fetch(archive: Archive, study: Study) -> None:
    """Fetch the films of a study and open the first; what fails is told beside those that came.

    Raises:
        RemoteError: Not even one was fetched.
    """
    films = archive.films(study.uid)
    if not films:
        st.info(t("archive.no_films", modalities=", ".join(FILM_MODALITIES)))
        return
    listed, shown = worklist(), st.empty()
    numbers: list[int] = []
    problem: ReadingRoomError | None = None
    for number, film in enumerate(films[:MOST_FILMS], 1):
        of = min(len(films), MOST_FILMS)
        shown.progress((number - 1) / of, t("archive.fetching", number=number, films=of))
        upload = f"archive {film.uid}"
        try:
            if upload not in listed.uploads:
                listed.add(upload, _file_name(study, number), BytesIO(archive.fetch(film)))
            numbers += listed.uploads[upload]
        except RemoteTooLarge as error:
            problem = error
        except ReadingRoomError as error:
            problem = error
            break
    if problem and not numbers:
        raise problem
    close_film()
    open_film(numbers[0])
    if problem:
        st.session_state[_TOLD] = (openings(), problem)
    elif len(films) > MOST_FILMS:
        st.toast(t("archive.more_films", films=MOST_FILMS))
    st.rerun()


def _file_name(study: Study, number: int) -> str:
    """What a film is called in the list."""
    whose = study.patient or study.patient_id
    name = " ".join(part for part in (whose, study.date, f"{number}.dcm") if part)
    return re.sub(r"[/\\]", "_", name)
