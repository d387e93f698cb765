"""Beside the film: the reader's opinion and note, and the way to other films of the list."""

from collections.abc import Callable
from functools import partial
from weakref import ref

import streamlit as st

from core.inference.counted import count_opinion
from core.inference.reading import Opinion
from core.inference.worklist import Row, Worklist
from core.ui.diagnosis.session import (
    close_film,
    model,
    open_film,
    opened,
    opened_list,
    place,
    tried_sample,
)
from core.ui.frame.words import t

NOTE_LETTERS = 2000
NOTE_PAUSE = "50ms"
"""A note is sent while it is written, for the keys to the next film would lose it."""

_SAID = {"agree": True, "disagree": False}


def draw_place() -> None:
    """Buttons to the list and to the films before and after, with where the film stands.

    Raises:
        WeightsError: The weights of model or gate cannot be trusted.
    """
    here = place()
    if here is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="place", gap="xsmall"):
        _draw_step("before", here.before, ":material/arrow_back:", "Alt+P")
        st.markdown(t("worklist.place", position=here.position, films=here.films))
        _draw_step("after", here.after, ":material/arrow_forward:", "Alt+N")
        st.button(
            t("worklist.back"),
            icon=":material/list:",
            on_click=close_film,
            shortcut="Alt+L",
            key="to_list",
        )


def _draw_step(step: str, number: int | None, icon: str, shortcut: str) -> None:
    """A button to a neighbour; where there is none, it stays and does nothing."""
    st.button(
        t(f"worklist.{step}"),
        icon=icon,
        disabled=number is None,
        on_click=open_film,
        args=(number,),
        shortcut=shortcut,
        key=f"to_{step}",
    )


def draw_opinion(row: Row) -> None:
    """Whether the reader agrees with the verdict, and a note; kept for this session.

    Args:
        row: Of a film with a diagnosis.

    Raises:
        WeightsError: The weights of model or gate cannot be trusted.
    """
    opinion, diagnosis = row.opinion, row.diagnosis
    if diagnosis is None:
        return
    film = f"{row.entry.number}-{diagnosis.film_sha256}"
    said_key = f"said-{film}-{diagnosis.weights_sha256}-{'-'.join(diagnosis.orientation.names)}"
    note_key = f"note-{film}"
    said_before = next((word for word, agrees in _SAID.items() if agrees is opinion.agrees), None)
    keep = partial(_keep_opinion, _opinion_keeper(), said_key, note_key)
    with st.container(key="opinion", horizontal=True, gap="xsmall"):
        st.segmented_control(
            t("worklist.your_opinion"),
            list(_SAID),
            default=said_before,
            format_func=lambda word: t(f"worklist.agreement.{word}"),
            key=said_key,
            on_change=keep,
            label_visibility="collapsed",
        )
        with st.popover(t("diagnosis.note"), key=f"note_box-{film}"):
            st.text_input(
                t("worklist.note"),
                opinion.note,
                max_chars=NOTE_LETTERS,
                placeholder=t("worklist.note_hint"),
                live=NOTE_PAUSE,
                key=note_key,
                on_change=keep,
            )
            st.caption(t("worklist.opinion_about"))


def _opinion_keeper() -> Callable[[Opinion], None]:
    """What keeps the reader's opinion of the open film's diagnosis, even once another is opened.

    Raises:
        WeightsError: The model's weights cannot be trusted.
    """
    number = opened()
    if number is None:
        return lambda opinion: None
    # Streamlit keeps what a widget calls as long as the session: it must not keep a cleared list.
    is_own = tried_sample() is None
    return partial(_keep_in_list, ref(opened_list()), number, model().card.sha256, is_own)


def _keep_in_list(
    listed: ref[Worklist], number: int, weights: str, is_own: bool, opinion: Opinion
) -> None:
    if (known := listed()) is not None:
        if is_own:
            count_opinion(known.opinion(number, weights).agrees, opinion.agrees)
        known.set_opinion(number, weights, opinion)


def _keep_opinion(keep: Callable[[Opinion], None], said_key: str, note_key: str) -> None:
    """Keep both; called before the key or the button that came with them opens another film."""
    state = st.session_state
    keep(Opinion(_SAID.get(state[said_key] or ""), state[note_key] or ""))
