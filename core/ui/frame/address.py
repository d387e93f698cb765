"""Choices kept in the page's address, under names that no language changes.

Streamlit's own ``bind`` writes the label that a reader sees, so that a link made in one language
would not hold in another.
"""

from collections.abc import Sequence

import streamlit as st


def start_from_address(key: str, options: Sequence[str], default: str | None = None) -> None:
    """Start a choice where the address says, else at its default, the first option if None.

    Call it before the widget of that key is made.
    """
    choice = st.session_state.get(key)
    if choice not in options:
        choice = st.query_params.get(key)
    if choice not in options:
        choice = default or options[0]
    st.session_state[key] = choice  # anew each time: with other options it is another widget


def keep_in_address(key: str, options: Sequence[str], default: str | None = None) -> str:
    """Write the choice of a widget into the address; the default needs no word there.

    Returns:
        The choice.
    """
    choice = str(st.session_state[key])
    if choice == (default or options[0]):
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = choice
    return choice


def start_number_from_address(key: str, lowest: float, highest: float, default: float) -> None:
    """Start a number where the address says, if it lies within its limits, else at its default.

    Call it before the widget of that key is made.
    """
    if key not in st.session_state:
        try:
            number = float(st.query_params.get(key, default))
        except ValueError:
            number = default
        st.session_state[key] = number if lowest <= number <= highest else default


def keep_number_in_address(key: str, default: float) -> float:
    """Write the number of a widget into the address; the default needs no word there.

    Returns:
        The number; the default where the reader has emptied the widget.
    """
    written = st.session_state[key]
    number = default if written is None else float(written)
    if number == default:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = f"{number:g}"
    return number
