"""A turn of this session at reading films and at what else networks compute for its pages."""

from contextlib import AbstractContextManager

from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.inference.turns import TURNS, PassOn, Told, nobody


def turn(told: Told = nobody) -> AbstractContextManager[PassOn]:
    """Wait for this session's turn among all sessions, as ``core.inference.turns`` gives it.

    Whatever a session computes waits in its one place.
    """
    context = get_script_run_ctx()
    return TURNS.turn(context.session_id if context else "", told)
