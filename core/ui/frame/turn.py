"""A turn of this session at what networks compute for its pages."""

from contextlib import AbstractContextManager

from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.inference.turns import TURNS, PassOn


def turn() -> AbstractContextManager[PassOn]:
    """Wait for this session's turn among all sessions, as ``core.inference.turns`` gives it."""
    context = get_script_run_ctx()
    return TURNS.turn(context.session_id if context else "")
