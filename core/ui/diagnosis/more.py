"""What is seldom needed of an open film: the heatmap's method, turning it, a sample's label."""

import streamlit as st

from core.imaging import Film, Turn
from core.inference.diagnosis import Diagnosis
from core.ui.diagnosis.read_first import draw_mode
from core.ui.diagnosis.second_look import draw_methods
from core.ui.diagnosis.session import tried_sample, turn_film
from core.ui.frame.words import t

TURN_ICONS = {Turn.LEFT: "rotate_left", Turn.RIGHT: "rotate_right", Turn.MIRROR: "flip"}
_BOX_PX = 300


def draw_more(film: Film, diagnosis: Diagnosis) -> None:
    """A box of tools that run the page again."""
    with st.popover(t("diagnosis.more"), key="more_box"), st.container(width=_BOX_PX):
        draw_methods(film, diagnosis)
        with st.container(horizontal=True, gap="xsmall"):
            for turn, icon in TURN_ICONS.items():
                name, key = t(f"viewer.turn.{turn}"), f"turn_{turn}"
                if st.button(name, icon=f":material/{icon}:", key=key):
                    turn_film(turn)
                    st.rerun()
        st.caption(t("viewer.turn.read_anew"))
        draw_mode()
        _draw_label()


def _draw_label() -> None:
    """Tell a sample's true label when asked."""
    tried = tried_sample()
    if tried is None:
        return
    if st.button(t("samples.show_label"), icon=":material/visibility:"):
        tried.label_shown = True
    if tried.label_shown and tried.sample.label:
        label = t(f"metric.class.{tried.sample.label}")
        st.markdown(t(f"samples.label.{tried.sample.source}", label=label))
    elif tried.label_shown:
        st.markdown(t("samples.no_label"))
