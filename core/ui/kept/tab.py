"""A tab and its list: what the browser is told, and what it takes over after a reload."""

import time
from functools import cache
from pathlib import Path
from threading import Lock, Thread

import streamlit as st
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.inference.worklist import Worklist
from core.ui.diagnosis.session import (
    LEFT_BEHIND,
    clear_list,
    opened,
    tried_sample,
    worklist,
)
from core.ui.kept.lists import KeptLists

_SWEEP_SECONDS = 30
_COMPONENT = "tab"
_draw = st.components.v2.component(
    "kept_list",
    css=":has(> .st-key-kept), :has(> .st-key-kept_notes) { display: none; }",
    js=Path(__file__).with_name("tab.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def keep_list() -> None:
    """Keep this session's list for its tab, and take over the one that the tab left behind.

    Call it once in every run of the whole app, before the page.
    """
    owner = _session()
    kept = shared_lists()
    if kept.has_moved(owner):
        clear_list()
    with st.container(key="kept"):
        _draw(
            key=_COMPONENT,
            data={"session": owner, "token": _kept_token(kept, owner), "asks": _asks(kept)},
            on_left_change=_take_over,
        )


def guard_notes() -> None:
    """Tell the browser whether leaving would lose a note; call it where notes are drawn alone."""
    with st.container(key="kept_notes"):
        _draw(key="tab_notes", data={"asks": _asks(shared_lists())})


def save_notes() -> None:
    """Keep in mind that all notes of the list leave in a file."""
    worklist().notes.mark_saved()


def save_note() -> None:
    """Keep in mind that the note on the open film leaves in a file."""
    number, tried = opened(), tried_sample()
    if number is not None:
        (tried.listed if tried else worklist()).notes.mark_saved([number])


def _lists() -> list[Worklist]:
    tried = tried_sample()
    return [worklist(), *([tried.listed] if tried else [])]


def _kept_token(kept: KeptLists, owner: str) -> str:
    """The token of what this session holds; empty where that is nothing."""
    state = {name: st.session_state[name] for name in LEFT_BEHIND if name in st.session_state}
    if not any(map(len, _lists())):
        kept.forget(owner)
        return ""
    return kept.keep(owner, state, worklist().size_bytes)


def _asks(kept: KeptLists) -> bool:
    """Whether leaving would lose notes, or a list that is too large to be kept."""
    return worklist().size_bytes > kept.most_bytes or any(
        listed.notes.are_unsaved for listed in _lists()
    )


def _take_over() -> None:
    """Put what the tab left behind into this session; what was dropped here since is not lost."""
    token = st.session_state[_COMPONENT].left
    if not isinstance(token, str) or any(map(len, _lists())):
        return
    state = shared_lists().claim(token, _session())
    for name, value in (state or {}).items():
        st.session_state[name] = value


def _session() -> str:
    context = get_script_run_ctx()
    return context.session_id if context else ""


def _is_connected(session: str) -> bool:
    return Runtime.exists() and Runtime.instance().is_active_session(session)


_beginning = Lock()


@cache
def _begun() -> KeptLists:
    kept = KeptLists(_is_connected)
    Thread(target=_sweep_on, args=(kept,), daemon=True, name="kept lists").start()
    return kept


def _sweep_on(kept: KeptLists) -> None:
    while True:
        time.sleep(_SWEEP_SECONDS)
        kept.sweep()


def shared_lists() -> KeptLists:
    """The lists of all tabs, swept now and then as long as the server runs."""
    with _beginning:
        return _begun()
