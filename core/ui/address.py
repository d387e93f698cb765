"""Choices kept in the page's address, under names that no language changes.

Streamlit's own ``bind`` writes the label that a reader sees, so that a link made in one language
would not hold in another.
"""

from collections.abc import Sequence

import streamlit as st


def start_from_address(key: str, options: Sequence[str]) -> None:
    """Start a choice where the address says, else at the first option.

    Call it before the widget of that key is made.
    """
    if st.session_state.get(key) not in options:
        asked = st.query_params.get(key)
        st.session_state[key] = asked if asked in options else options[0]


def keep_in_address(key: str, options: Sequence[str]) -> str:
    """Write the choice of a widget into the address; the first option needs no word there.

    Returns:
        The choice.
    """
    choice = str(st.session_state[key])
    if choice == options[0]:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = choice
    return choice
