"""The catalogue in the language of this session."""

import streamlit as st

from core.messages.catalogue import best_language, text
from core.messages.errors import ReadingRoomError

LANGUAGE_STATE = "language"


def language() -> str:
    """This session's language: what the reader chose, or what the browser asks for."""
    chosen = st.session_state.get(LANGUAGE_STATE)
    return chosen if chosen else best_language(st.context.locale)


def t(key: str, **values: object) -> str:
    """The text of a catalogue key in this session's language."""
    return text(language(), key, **values)


def show_error(error: ReadingRoomError) -> None:
    """Show what went wrong and what to do, in this session's language."""
    st.error(error.message(language()), icon=":material/error:")
