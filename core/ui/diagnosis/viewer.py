"""The film on the Diagnosis page: its tools, its panels and the key to its colours."""

import io
from base64 import b64encode
from enum import StrEnum
from typing import Any

import streamlit as st
from PIL import Image

from core.imaging import Film, Preset, Turn, Window, preset_window
from core.inference.diagnosis import Diagnosis
from core.inference.heatmap import Heatmap
from core.inference.overlay import (
    COLOUR_MAPS,
    LOWEST_CONTOUR,
    Pixels,
    contour_levels,
    legend_picture,
)
from core.reporting.captions.second_look import heatmap_words, overlay_words
from core.ui.diagnosis.canvas import Look, Panel, draw_panels, offer_film
from core.ui.diagnosis.session import turn_film
from core.ui.frame.words import language, t

PRESET, CENTRE, WIDTH, INVERTED = "window", "window_centre", "window_width", "inverted"
_SEEN = "film_seen"
BOX_PX = 256
"""Width of a tool's box, so that it leaves one of two films to be seen."""
TURN_ICONS = {Turn.LEFT: "rotate_left", Turn.RIGHT: "rotate_right", Turn.MIRROR: "flip"}


class View(StrEnum):
    """What is drawn of film and heatmap."""

    SIDE_BY_SIDE = "side_by_side"
    OVERLAY = "overlay"
    CONTOUR = "contour"
    FILM = "film"


def draw_film(film: Film, diagnosis: Diagnosis) -> None:
    """The film at its own resolution with its heatmap; tools above, the key to colours below."""
    offered = offer_film(film)
    if st.session_state.get(_SEEN) != offered["id"]:
        st.session_state[_SEEN] = offered["id"]
        st.session_state[PRESET], st.session_state[INVERTED] = Preset.FULL, False
        _take_preset(film)
    _draw(film, diagnosis, offered)


@st.fragment
def _draw(film: Film, diagnosis: Diagnosis, offered: dict[str, Any]) -> None:
    """What runs again, alone, when a tool is used."""
    with st.container(key="tools", horizontal=True, vertical_alignment="center", gap="xsmall"):
        heat = _choose_heat(
            diagnosis.lungs_found
        )  # its box opens over the film, and the window's over the heatmap
        view = _choose_view()
        window, inverted = _choose_window(film)
        _offer_turns()
    levels = contour_levels(heat["threshold"]) if view is View.CONTOUR else ()
    look = Look(window=window, inverted=inverted, levels=levels, **heat)
    with st.container(key="viewer"):
        panels = _panels(view, look, diagnosis.heatmap)
        draw_panels(offered, diagnosis.heatmap, diagnosis.lungs_map, look, panels)
    if view is not View.FILM:
        with st.container(key="legend"):
            _draw_legend(diagnosis.heatmap, look)


def _choose_view() -> View:
    chosen = st.segmented_control(
        t("viewer.view.label"),
        list(View),
        format_func=lambda view: t(f"viewer.view.{view}"),
        default=View.SIDE_BY_SIDE,
        required=True,
        key="view",
        persist_state="session",
        label_visibility="collapsed",
    )
    return View(str(chosen))


def _choose_heat(lungs_found: bool) -> dict[str, Any]:
    """Opacity, threshold, colour map and the lungs' outline, as ``Look`` has them."""
    with (
        st.popover(t("viewer.heatmap"), icon=":material/local_fire_department:", key="heat_box"),
        st.container(width=BOX_PX),
    ):
        opacity = st.slider(
            t("diagnosis.opacity"), 0, 100, 50, 5, "%d %%", "opacity", persist_state="session"
        )
        threshold = st.slider(
            t("viewer.threshold"), 0, 90, 0, 5, "%d %%", "least_heat", persist_state="session"
        )
        colour_map = st.pills(
            t("viewer.colour_map"),
            COLOUR_MAPS,
            default=COLOUR_MAPS[0],
            required=True,
            key="colour_map",
            persist_state="session",
        )
        lungs = st.toggle(
            t("viewer.lungs"), key="lungs", disabled=not lungs_found, persist_state="session"
        )
    return {
        "opacity": opacity / 100,
        "threshold": threshold / 100,
        "colour_map": str(colour_map),
        "lungs": lungs,
    }


def _choose_window(film: Film) -> tuple[Window, bool]:
    with (
        st.popover(t("viewer.window.name"), icon=":material/contrast:", key="window_box"),
        st.container(width=BOX_PX),
    ):
        st.pills(
            t("viewer.window.preset"),
            list(Preset),
            format_func=lambda preset: t(f"viewer.preset.{preset}"),
            key=PRESET,
            on_change=_take_preset,
            args=(film,),
            persist_state="session",
        )
        for key, name, low, high in ((CENTRE, "centre", 0, 100), (WIDTH, "width", 1, 200)):
            st.slider(
                t(f"viewer.window.{name}"),
                low,
                high,
                format="%d %%",
                key=key,
                on_change=_leave_preset,
                persist_state="session",
            )
        inverted = st.toggle(t("viewer.invert"), key=INVERTED, persist_state="session")
        st.caption(t("viewer.window.only_seen"))
    return Window(st.session_state[CENTRE], st.session_state[WIDTH]), inverted


def _take_preset(film: Film) -> None:
    """Move the sliders to where the chosen preset has them."""
    if st.session_state[PRESET] is not None:
        window = preset_window(film.pixels, Preset(st.session_state[PRESET]))
        st.session_state[CENTRE], st.session_state[WIDTH] = window.centre, window.width


def _leave_preset() -> None:
    st.session_state[PRESET] = None


def _offer_turns() -> None:
    """Turn the film, which is then read anew: the whole page runs again."""
    with st.popover(t("viewer.turn.name"), icon=":material/rotate_90_degrees_cw:", key="turn_box"):
        for turn, icon in TURN_ICONS.items():
            if st.button(t(f"viewer.turn.{turn}"), icon=f":material/{icon}:", key=f"turn_{turn}"):
                turn_film(turn)
                st.rerun()
        st.caption(t("viewer.turn.read_anew"))


def _panels(view: View, look: Look, heatmap: Heatmap) -> tuple[Panel, ...]:
    window = t("viewer.window.told", centre=look.window.centre, width=look.window.width)
    inverted = f" · {t('viewer.inverted')}" if look.inverted else ""
    title = f"{t('diagnosis.film')} · {window}{inverted}"
    bare = Panel("film", title, f"{t('viewer.alt.film')} {window}{inverted}")
    covered = Panel(
        "overlay", overlay_words(heatmap, language()), t("viewer.alt.overlay"), heat=True
    )
    levels = ", ".join(f"{level:.0%}" for level in look.levels)
    lined = Panel(
        "contour",
        t("viewer.contours", levels=levels),
        t("viewer.alt.contour", levels=levels),
        contours=True,
    )
    return {
        View.SIDE_BY_SIDE: (bare, covered),
        View.OVERLAY: (covered,),
        View.CONTOUR: (lined,),
        View.FILM: (bare,),
    }[view]


def _draw_legend(heatmap: Heatmap, look: Look) -> None:
    """The key to the colours; and that nothing is hot enough to be drawn, where that is so."""
    hottest, least = heatmap.hottest, look.threshold
    if look.levels:
        least = max(least, LOWEST_CONTOUR)
    if hottest <= 0:
        st.markdown(t("viewer.cold"))
    elif hottest < least:
        st.markdown(t("viewer.nothing", percent=f"{least:.0%}"))
    opacity = 1.0 if look.levels else look.opacity
    picture = legend_picture(opacity, look.colour_map, 0 if look.levels else look.threshold)
    st.image(_as_address(picture), width="stretch", alt=t("viewer.alt.legend"))
    st.caption(heatmap_words(heatmap, language()))


def _as_address(picture: Pixels) -> str:
    """A small picture as the address itself: Streamlit drops files that a quick hand replaces."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, format="PNG")
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"
