"""The panels that a film is drawn on, in the browser: ``panels.js`` and what it is told.

Streamlit draws a Plotly chart anew whenever anything in it changes, and so forgets zoom and place
with every change of window; hence a component of our own. The film's greys go to the browser once,
at 16 bits; window, colours and zoom are its own work from there on.
"""

from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.runtime import get_instance

from core.imaging import Film, Window
from core.inference.heatmap import Heatmap
from core.inference.lungs import LungsMap
from core.inference.overlay import contour_lines, film_picture, fitted, heat_table
from core.ui.frame.words import t

LONGEST_SIDE_PX = 4096
"""A film larger than browsers draw is shown smaller; the largest detectors have about as much."""

_HEAT_SIDE_PX = 256
_FOLDER = Path(__file__).parent
_HTML = """<div class="viewer">
  <div class="panels"></div>
  <div class="foot"><p class="keys" id="keys"></p><div class="bar"></div></div>
</div>"""
_draw = st.components.v2.component(
    "film_viewer",
    html=_HTML,
    css=(_FOLDER / "panels.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "panels.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture of the film.

    Args:
        name: ``film``, ``overlay`` or ``contour``.
        title: What it is.
        alt: What it shows, for who cannot see it.
        heat: Whether the heatmap lies over the film.
        contours: Whether contour lines lie over the film.
    """

    name: str
    title: str
    alt: str
    heat: bool = False
    contours: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """How film and heatmap are drawn.

    Args:
        window: What of the film's greys is drawn.
        inverted: Whether bright is drawn dark.
        opacity: Of full heat, 0 to 1.
        colour_map: One of ``core.inference.overlay.COLOUR_MAPS``.
        threshold: Heat under it, 0 to 1, is not drawn.
        levels: The heats of contour lines.
        lungs: Whether the lungs' outline is drawn, as a dotted line.
    """

    window: Window
    inverted: bool
    opacity: float
    colour_map: str
    threshold: float
    levels: tuple[float, ...]
    lungs: bool = False


def offer_film(film: Film) -> dict[str, Any]:
    """Lay a film's greys ready for this session's browser, in memory, as pictures of a page are.

    Call it in every run of the whole page: what is not offered again is forgotten.
    """
    shown = fitted(film.pixels, LONGEST_SIDE_PX)
    greys = (shown * 65535).round().astype("<u2")
    files = get_instance().media_file_mgr
    address = files.add(greys.tobytes(), "application/octet-stream", "film viewer")
    identity = "-".join((film.sha256, *film.facts.orientation.names))
    height, width = shown.shape
    return {"id": identity, "address": address, "width": width, "height": height}


def draw_panels(
    film: dict[str, Any],
    heatmap: Heatmap,
    lungs: LungsMap,
    look: Look,
    panels: tuple[Panel, ...],
) -> None:
    """Draw the film in panels that zoom and move together.

    Args:
        film: From ``offer_film``, in this run of the page or since.
        heatmap: Of that film.
        lungs: Where its lungs are.
        look: How it is drawn.
        panels: What is drawn, from left to right.
    """
    window = look.window
    _draw(
        key="panels",
        data={
            "film": film,
            "window": {"low": window.low_01, "high": window.high_01, "inverted": look.inverted},
            "heat": _heat(heatmap, look),
            "lungs": _points(lungs.outline()) if look.lungs and lungs.found else [],
            "contours": [_contour(heatmap, level, look) for level in look.levels],
            "panels": [
                {name: getattr(panel, name) for name in Panel.__slots__} for panel in panels
            ],
            "words": {
                "zoom_in": t("viewer.zoom_in"),
                "zoom_out": t("viewer.zoom_out"),
                "fit": t("viewer.fit"),
                "full_screen": t("viewer.full_screen"),
                "keys": t("viewer.keys"),
                "failed": t("viewer.failed"),
            },
        },
    )


def _heat(heatmap: Heatmap, look: Look) -> dict[str, Any]:
    values = film_picture(heatmap.over(_HEAT_SIDE_PX, _HEAT_SIDE_PX))
    table = heat_table(look.opacity, look.colour_map, look.threshold)
    colours = (table * 255).round().astype(np.uint8)
    return {"side": _HEAT_SIDE_PX, "values": _base64(values), "colours": _base64(colours)}


def _base64(pixels: NDArray[np.uint8]) -> str:
    return b64encode(pixels.tobytes()).decode()


def _contour(heatmap: Heatmap, level: float, look: Look) -> dict[str, Any]:
    shares = heat_table(1.0, look.colour_map)[round(level * 255), :3]
    return {
        "label": f"{level:.0%}",
        "colour": "#" + bytes((shares * 255).round().astype(np.uint8)).hex(),
        "lines": _points(contour_lines(heatmap, level)),
    }


def _points(lines: list[NDArray[np.float32]]) -> list[Any]:
    """Lines as the browser takes them: [[[x, y], ...], ...], in shares of width and height."""
    return [line.round(4).tolist() for line in lines]
