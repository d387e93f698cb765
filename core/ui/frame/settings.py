"""The settings menu at the top right of every page: language, model and theme."""

from pathlib import Path

import streamlit as st

from core.messages.catalogue import LANGUAGES
from core.models.weights import DEFAULT_MODEL, shipped_models
from core.ui.frame.address import keep_in_address, start_from_address
from core.ui.frame.login import draw_logout
from core.ui.frame.model_names import model_title
from core.ui.frame.words import LANGUAGE_STATE, language, t

MODEL_STATE = "model"
THEMES = ("System", "Light", "Dark")
"""As Streamlit's own menu names them, which is where a theme is kept."""

_MENU_PX = 280
_draw_themes = st.components.v2.component(
    "theme_choice",
    html='<div class="themes" role="group"></div>',
    css=(Path(__file__).parent / "theme.css").read_text(encoding="utf-8"),
    js=(Path(__file__).parent / "theme.js").read_text(encoding="utf-8"),
)


def start_language() -> None:
    """Read in the browser's language until the reader chooses one."""
    if LANGUAGE_STATE not in st.session_state:
        st.session_state[LANGUAGE_STATE] = language()


def draw_settings() -> None:
    """The menu; the language is kept for the session, the model also in the address."""
    with (
        st.container(key="settings"),
        st.popover(t("frame.settings"), icon=":material/settings:", type="tertiary"),
        st.container(width=_MENU_PX),
    ):
        st.segmented_control(
            t("frame.language"),
            list(LANGUAGES),
            format_func=LANGUAGES.__getitem__,
            required=True,
            key=LANGUAGE_STATE,
        )
        _choose_model()
        st.caption(t("frame.theme"))
        themes = [[theme, t(f"frame.themes.{theme.lower()}")] for theme in THEMES]
        _draw_themes(key="themes", data=[{"name": t("frame.theme"), "themes": themes}])
        draw_logout()


def _choose_model() -> None:
    """Let the reader choose among the models that ship."""
    models = shipped_models()
    if models:
        start_from_address(MODEL_STATE, models)
        st.selectbox(t("frame.model"), models, format_func=model_title, key=MODEL_STATE)
        st.caption(f"`{keep_in_address(MODEL_STATE, models)}`")


def chosen_model() -> str:
    """The name of the model that this session reads with."""
    return str(st.session_state.get(MODEL_STATE) or DEFAULT_MODEL)
