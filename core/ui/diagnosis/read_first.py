"""Read first, then reveal: the verdict stays hidden until the reader has given theirs."""

from functools import partial

import streamlit as st

from core.data.labels import Verdict
from core.inference.first_readings import FirstReading, csv_of, label_in_path, summary
from core.inference.worklist import Row
from core.reporting.captions.first_readings import summary_sentences
from core.ui.diagnosis.session import FIRST_READINGS, READ_FIRST, tried_sample
from core.ui.frame.words import language, t

KEYS = {Verdict.NORMAL: "1", Verdict.REVIEW: "2", Verdict.PNEUMONIA: "3"}


def said() -> dict[tuple[str, str], FirstReading]:
    """What the reader said before seeing a verdict, by film and weights."""
    readings: dict[tuple[str, str], FirstReading] = st.session_state.setdefault(FIRST_READINGS, {})
    return readings


def is_hidden(row: Row) -> bool:
    """Whether a film's verdict is kept back, since the reader has not said theirs."""
    return bool(st.session_state.get(READ_FIRST)) and row.diagnosis is not None and own(row) is None


def own(row: Row) -> FirstReading | None:
    """What the reader said of a film before seeing its verdict."""
    diagnosis = row.diagnosis
    if diagnosis is None:
        return None
    return said().get((diagnosis.film_sha256, diagnosis.weights_sha256))


def draw_mode() -> None:
    """The switch of the mode."""
    st.toggle(
        t("read_first.mode"), key=READ_FIRST, persist_state="session", help=t("read_first.help")
    )


def draw_question(row: Row) -> None:
    """Ask the reader for a verdict; a number key answers."""
    st.markdown(f"# {t('read_first.question')}")
    with st.container(key="answers"):
        for verdict, key in KEYS.items():
            st.button(
                t(f"diagnosis.verdict.{verdict.lower()}"),
                key=f"read_{verdict.lower()}",
                width="stretch",
                shortcut=key,
                on_click=partial(_say, row, verdict),
            )


def _say(row: Row, verdict: Verdict) -> None:
    diagnosis = row.diagnosis
    if diagnosis is None:
        return
    tried = tried_sample()
    truth = tried.sample.label if tried else label_in_path(row.entry.name)
    key = (diagnosis.film_sha256, diagnosis.weights_sha256)
    said()[key] = FirstReading(
        *key, verdict, diagnosis.verdict, round(diagnosis.probability, 4), truth
    )


def draw_own(row: Row) -> None:
    """What the reader said, beside the verdict, and the way to the summary."""
    reading = own(row)
    if reading is None or not st.session_state.get(READ_FIRST):
        return
    word = t(f"diagnosis.verdict.{reading.reader.lower()}")
    st.markdown(t("read_first.you_said", verdict=word))


def draw_summary_button() -> None:
    """The way to the summary, once anything was said."""
    if said() and st.button(t("read_first.summary"), icon=":material/fact_check:", key="summary"):
        st.dialog(t("read_first.summary"), position="right")(_draw_summary)()


def _draw_summary() -> None:
    readings = tuple(said().values())
    for sentence in summary_sentences(summary(readings), language()):
        st.markdown(sentence)
    st.download_button(
        "CSV",
        csv_of(readings),
        "first-readings.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="summary_csv",
    )
