"""The film and the diagnosis that this session holds, never those of another film or model."""

import streamlit as st

from core.errors import FilmError
from core.film import Film, Turn, read_film
from core.gate import admit, turned_by_hand
from core.inference import Diagnosis, shared_diagnostician
from core.ui.frame import chosen_model

_FILM, _DIAGNOSIS, _REFUSAL = "film", "diagnosis", "refusal"


def forget_film() -> None:
    """Forget the film, its diagnosis and its refusal."""
    for name in (_FILM, _DIAGNOSIS, _REFUSAL):
        st.session_state.pop(name, None)


def has_film() -> bool:
    """Whether this session holds a film, or the reason why one was refused."""
    return _FILM in st.session_state or _REFUSAL in st.session_state


def hold_film(data: bytes) -> None:
    """Read a film's bytes and hold the film, or the reason why it is refused.

    Raises:
        WeightsError: The input gate's weights cannot be trusted.
    """
    forget_film()
    try:
        st.session_state[_FILM] = admit(read_film(data))
    except FilmError as error:
        st.session_state[_REFUSAL] = error


def turn_film(turn: Turn) -> None:
    """Turn the film held and forget its diagnosis: the film is read anew as it then stands."""
    held = film()
    if held is not None:
        st.session_state[_FILM] = turned_by_hand(held, turn)
        st.session_state.pop(_DIAGNOSIS, None)


def refusal() -> FilmError | None:
    """Why the film was refused, if it was."""
    error: FilmError | None = st.session_state.get(_REFUSAL)
    return error


def film() -> Film | None:
    """The film that this session holds."""
    held: Film | None = st.session_state.get(_FILM)
    return held


def diagnosis() -> Diagnosis | None:
    """The chosen model's diagnosis of the film held; made anew when film or weights changed.

    Raises:
        WeightsError: The model's weights cannot be trusted.
    """
    held = film()
    if held is None:
        return None
    model = shared_diagnostician(chosen_model())
    known: Diagnosis | None = st.session_state.get(_DIAGNOSIS)
    if known is None or not known.is_of(held) or known.weights_sha256 != model.card.sha256:
        known = model.diagnose(held)
        st.session_state[_DIAGNOSIS] = known
    return known
