"""A button that saves a file with notes in it; the notes count as saved once the file is made."""

from collections.abc import Callable
from queue import Empty, SimpleQueue

import streamlit as st

_LONGEST_SECONDS = 30


def draw_save_button(
    label: str,
    make: Callable[[], bytes | str],
    name: str,
    kind: str,
    saved: Callable[[], None],
    *,
    key: str | None = None,
    about: str | None = None,
) -> None:
    """A button whose file is made when it is pressed.

    The press also starts a run of the page, and the end of a run drops the files that the page
    offered before. So the run begins when the file is made: else a busy server drops it before
    the browser has asked for it.

    Args:
        label: What the button says, translated.
        make: Makes the file, on another thread: it knows nothing of the session.
        name: The file's name.
        kind: The file's media type.
        saved: Called at the beginning of the run once the file is made, not if that failed.
        key: Of the button.
        about: Its help, translated.
    """
    made: SimpleQueue[bool] = SimpleQueue()

    def file() -> bytes | str:
        try:
            content = make()
        except BaseException:
            made.put(False)
            raise
        made.put(True)
        return content

    def pressed() -> None:
        try:
            if made.get(timeout=_LONGEST_SECONDS):
                saved()
        except Empty:  # the browser has gone
            return

    st.download_button(
        label,
        file,
        name,
        kind,
        key=key,
        help=about,
        on_click=pressed,
        icon=":material/download:",
    )
