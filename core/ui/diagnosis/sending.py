"""Results to the archive: Secondary Capture and Structured Report of the open film."""

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from zipfile import ZipFile

import streamlit as st

from core.archive.server import Archive
from core.archive.settings import settings
from core.inference.reading import Reading
from core.messages.errors import ReadingRoomError, RemoteNoStudy
from core.models import load_card
from core.reporting.exports import Report, archive_zip, identify
from core.ui.diagnosis.session import SENT, UNSENT, tried_sample
from core.ui.frame.settings import chosen_model
from core.ui.frame.words import language, show_error, t
from core.ui.kept.tab import save_note

Sent = tuple[object, ...]
"""What a result is of: film, weights, the way the film stands, and the reader's opinion."""


def draw_sending(reading: Reading, data: Callable[[], bytes | None]) -> None:
    """A button that sends the results of a DICOM film; once they are sent, it is off.

    Args:
        reading: The film, its diagnosis and the reader's opinion.
        data: Gives the film's file; called only where the button is pressed.
    """
    if reading.film.facts.format != "DICOM" or tried_sample():
        return
    result, place = _result(reading), st.empty()
    sent: dict[Sent, int] = st.session_state.setdefault(SENT, {})
    if result not in sent and _draw_button(place, is_sent=False):
        with st.spinner(t("archive.sending")):
            try:
                sent[result] = _send(result, reading, data())
                save_note()
            except ReadingRoomError as error:
                show_error(error)
    if result in sent:
        _draw_button(place, is_sent=True)
        st.caption(t("archive.sent", objects=sent[result]))


def _draw_button(place: "st.delta_generator.DeltaGenerator", is_sent: bool) -> bool:
    return place.button(
        t("archive.send"),
        icon=":material/upload:",
        help=t("archive.send_help"),
        disabled=is_sent,
        key="archive_sent" if is_sent else "archive_send",
    )


def _result(reading: Reading) -> Sent:
    diagnosis, opinion = reading.diagnosis, reading.opinion
    read = (diagnosis.film_sha256, diagnosis.weights_sha256, *diagnosis.orientation.names)
    return (*read, opinion.agrees, opinion.note)


def _send(result: Sent, reading: Reading, file: bytes | None) -> int:
    """Store the objects, and give how many; what failed is kept, to be sent again as it is.

    Raises:
        RemoteError: The archive did not confirm all of them, or the film names no study.
    """
    kept, files = st.session_state.get(UNSENT, (None, []))
    if kept != result:
        files = _objects(reading, file)
        st.session_state[UNSENT] = (result, files)
    Archive(settings()).store(files)
    st.session_state.pop(UNSENT)
    return len(files)


def _objects(reading: Reading, file: bytes | None) -> list[bytes]:
    """The DICOM files to send.

    Raises:
        RemoteNoStudy: The film names no study.
    """
    identity = identify(reading.name, file)
    if identity.study is None:
        raise RemoteNoStudy
    when = datetime.now().astimezone()
    report = Report(reading, load_card(chosen_model()), language(), when, identity)
    with ZipFile(BytesIO(archive_zip(report))) as packed:
        return [packed.read(name) for name in packed.namelist()]
