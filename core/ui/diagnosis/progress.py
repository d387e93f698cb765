"""Reading the waiting films in small steps, so that the page stays responsive."""

import time
from functools import partial

import streamlit as st

from core.messages.errors import WeightsError
from core.ui.diagnosis.in_turn import read_in_turn
from core.ui.diagnosis.session import model, worklist
from core.ui.frame.words import show_error, t

_PAUSED, _PACE = "paused", "pace"
_SLICE_SECONDS = 1.0
_EVERY_SECONDS = 0.5
"""The browser asks for the next slice so often; asked during a slice, it follows at once."""


def is_reading() -> bool:
    """Whether films wait and are being read.

    Raises:
        WeightsError: The model's weights cannot be trusted.
    """
    waiting = worklist().pending(model().card.sha256)
    return bool(waiting) and not st.session_state.get(_PAUSED)


def draw_progress() -> None:
    """How far the reading is, with a button that stops it; reads on while it is on the screen.

    Call it last, with the place where it is to appear: what waits is read at once.

    Raises:
        WeightsError: The model's weights cannot be trusted.
    """
    if not worklist().pending(model().card.sha256):
        st.session_state.pop(_PACE, None)
        st.session_state.pop(_PAUSED, None)
        return
    every = _EVERY_SECONDS if is_reading() else None
    st.fragment(_read_on, run_every=every)()


def _read_on() -> None:
    reader, listed = model(), worklist()
    waiting = listed.pending(reader.card.sha256)
    bar, button = st.columns([5, 1], vertical_alignment="center")
    shown = bar.empty()
    _draw_bar(shown, len(waiting))
    paused = bool(st.session_state.get(_PAUSED))
    word, icon = ("resume", "play_arrow") if paused else ("cancel", "stop")
    if button.button(t(f"worklist.{word}"), icon=f":material/{icon}:", key="pause"):
        st.session_state[_PAUSED] = not paused
        st.rerun()  # the whole page, for that alone starts and stops the browser's asking
    if paused:
        return
    end = time.monotonic() + _SLICE_SECONDS
    while waiting:
        start = time.monotonic()
        try:
            told = partial(_draw_bar, shown, len(waiting))
            read_in_turn(listed, waiting.pop(0), reader, told)
        except WeightsError as error:
            show_error(error)
            return
        _keep_pace(time.monotonic() - start)
        _draw_bar(shown, len(waiting))
        if time.monotonic() > end:
            break
    if not waiting:
        st.rerun()


def draw_before(shown: "st.delta_generator.DeltaGenerator", before: int) -> None:
    """How many films of all sessions come before the one that is open."""
    shown.markdown(f"# {t('diagnosis.reading')}\n\n{t('worklist.ahead', films=before)}")


def _draw_bar(
    shown: "st.delta_generator.DeltaGenerator", waiting: int, before: int | None = None
) -> None:
    """How many are read, how long the others take at the pace so far, and how many come before."""
    films = len(worklist())
    done = films - waiting
    words = t("worklist.paused" if st.session_state.get(_PAUSED) else "worklist.progress")
    read, seconds = st.session_state.get(_PACE, (0, 0.0))
    left = time_left(waiting * seconds / read) if read else ""
    line = words.format(done=done, films=films, left=left)
    if before is not None:
        line = f"{line} {t('worklist.ahead', films=before)}"
    shown.progress(done / films, line)


def time_left(seconds: float) -> str:
    """Seconds to go as people say it, not more exact than they can be known."""
    if seconds < 60:
        return t("worklist.seconds_left", seconds=5 * max(1, round(seconds / 5)))
    return t("worklist.minutes_left", minutes=round(seconds / 60))


def _keep_pace(seconds: float) -> None:
    read, spent = st.session_state.get(_PACE, (0, 0.0))
    st.session_state[_PACE] = (read + 1, spent + seconds)
