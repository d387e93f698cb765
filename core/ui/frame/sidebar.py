"""What surrounds every page: the language and the model, chosen in the sidebar."""

import streamlit as st

from core.messages.catalogue import LANGUAGES
from core.models.weights import DEFAULT_MODEL, shipped_models
from core.ui.frame.address import keep_in_address, start_from_address
from core.ui.frame.model_names import model_title
from core.ui.frame.words import LANGUAGE_STATE, language, t

MODEL_STATE = "model"
BOX_LETTERS = 24
"""How much of a model's title the box shows before it is cut off."""


def choose_language() -> None:
    """Let the reader switch the language; the browser's is where it starts."""
    if LANGUAGE_STATE not in st.session_state:
        st.session_state[LANGUAGE_STATE] = language()
    with st.sidebar:
        st.segmented_control(
            t("frame.language"),
            list(LANGUAGES),
            format_func=LANGUAGES.__getitem__,
            required=True,
            key=LANGUAGE_STATE,
        )


def choose_model() -> None:
    """Let the reader choose among the models that ship; the choice is kept in the address."""
    models = shipped_models()
    if not models:
        return
    start_from_address(MODEL_STATE, models)
    with st.sidebar:
        st.selectbox(t("frame.model"), models, format_func=model_title, key=MODEL_STATE)
        model = keep_in_address(MODEL_STATE, models)
        title = model_title(model)
        st.caption(f"{title} · `{model}`" if len(title) > BOX_LETTERS else f"`{model}`")


def chosen_model() -> str:
    """The name of the model that this session reads with."""
    return str(st.session_state.get(MODEL_STATE) or DEFAULT_MODEL)
