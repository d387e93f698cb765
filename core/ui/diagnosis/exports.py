"""Exports of a film: the report as PDF and as DICOM, made on request.

What makes them is loaded when it is asked for: few films are exported, and highdicom and reportlab
take half a second.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import streamlit as st

from core.inference.reading import Reading
from core.models import load_card
from core.ui.frame.settings import chosen_model
from core.ui.frame.words import language, t
from core.ui.kept.saving import draw_save_button
from core.ui.kept.tab import save_note

FORMS = (("pdf", "pdf", "application/pdf"), ("dicom", "zip", "application/zip"))


def draw_exports(reading: Reading, data: Callable[[], bytes | None]) -> None:
    """Buttons that save the report; whether it may name the patient is asked for each film.

    Args:
        reading: The film, its diagnosis and the reader's opinion.
        data: Gives the film's file, or None where it is not at hand; called only where the reader
            lets the report name the patient, who is read from it when a button is pressed.
    """
    film, words, model = reading.film, language(), chosen_model()
    buttons = st.container(key="exports")
    named = st.checkbox(
        t("report.save.identify"),
        key=f"identify-{film.sha256}",
        help=t("report.save.identify_help"),
    )
    if film.facts.format == "DICOM" and not named:
        st.caption(t("report.save.own_study"))
    file = data() if named else None  # here, since the session is not known on another thread
    if named:
        from core.reporting.exports import identify, name_not_shown

        if why := name_not_shown(identify(reading.name, file)):
            st.caption(t(why))

    def made(form: str) -> bytes:
        """A file, made on another thread when its button is pressed."""
        from core.reporting.exports import Report, archive_zip, identify, report_pdf

        identity = identify(reading.name, file) if named else None
        when = datetime.now().astimezone()
        report = Report(reading, load_card(model), words, when, identity)
        return report_pdf(report) if form == "pdf" else archive_zip(report)

    with buttons:
        for name, suffix, kind in FORMS:
            draw_save_button(
                t(f"report.save.{name}"),
                partial(made, name),
                f"chest-film-{film.sha256[:12]}.{suffix}",
                kind,
                save_note,
                key=f"save-{name}",
                about=t(f"report.save.{name}_help"),
            )
