"""Diagnosis: one film in, verdict, probability and heatmap out."""

import streamlit as st

from core.errors import WeightsError
from core.reading import Reading
from core.ui.exports import draw_exports
from core.ui.session import diagnosis, film, forget_film, has_film, hold_film, refusal
from core.ui.verdict import draw_film, draw_verdict
from core.ui.words import show_error, t

st.title(t("diagnosis.title"))
upload = st.file_uploader(t("diagnosis.drop"), key="upload", on_change=forget_film)
waiting = st.container()
room = st.empty()  # takes the last film's verdict off the screen before the next film is read

if upload is None and not has_film():
    room.info(t("diagnosis.empty"), icon=":material/upload_file:")
    st.stop()

with waiting, st.spinner(t("diagnosis.reading")):
    try:
        if upload is not None and not has_film():
            hold_film(upload.getvalue())
        found, error = diagnosis(), refusal()
    except WeightsError as broken:
        found, error = None, broken

with room.container():
    if upload is None:  # the reader has been to another page, and the uploader has forgotten
        st.button(t("diagnosis.close"), icon=":material/close:", on_click=forget_film)
    if error is not None:
        show_error(error)
    held = film()
    if held is not None and found is not None:
        verdict, films = st.columns([2, 5], gap="medium")
        with verdict.container(key="verdict"):
            draw_verdict(held, found)
            draw_exports(
                Reading(upload.name if upload else "", held, found), upload and upload.getvalue()
            )
        with films:
            draw_film(held, found)
