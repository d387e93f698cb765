"""The film on the Diagnosis page, drawn in the browser: ``panels.js`` with its ``tools.js``.

The film's greys go to the browser once, at 16 bits. Heat, outline, opacity, window, colours and
zoom are its own work from there on, so that none of them runs the page again.
"""

from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.runtime import get_instance

from core.imaging import Film, preset_windows
from core.inference.diagnosis import Diagnosis
from core.inference.heatmap import Heatmap
from core.inference.overlay import (
    COLOUR_MAPS,
    LOWEST_CONTOUR,
    contour_levels,
    contour_lines,
    film_picture,
    fitted,
    heat_table,
)
from core.reporting.captions.second_look import overlay_words
from core.ui.frame.words import language, t

LONGEST_SIDE_PX = 4096
"""A film larger than browsers draw is shown smaller; the largest detectors have about as much."""

_HEAT_SIDE_PX = 256
_SCRIPTS = ("tools", "panels")
_FOLDER = Path(__file__).parent
_HTML = """<div class="viewer">
  <div class="panels"></div>
  <div class="tools" role="toolbar"></div>
  <div class="box" role="group" hidden></div>
  <p class="failed" role="alert"></p>
</div>"""
_WORDS = (
    *("tools", "heat", "lines", "lungs", "beside", "opacity", "legend", "hot", "cold", "window"),
    *("invert", "inverted", "told", "centre", "width", "only_seen", "presets", "colours"),
    *("zoom_in", "zoom_out", "fit", "full_screen", "failed", "skip", "alt_film"),
)
_draw = st.components.v2.component(
    "film_viewer",
    html=_HTML,
    css=(_FOLDER / "panels.css").read_text(encoding="utf-8"),
    js="\n".join(
        (_FOLDER / name).read_text(encoding="utf-8") for name in ("tools.js", "panels.js")
    ),
)


def draw_film(film: Film, diagnosis: Diagnosis, hidden: bool = False) -> None:
    """The film at its own resolution with heat and lungs over it, and its tools.

    Args:
        film: The film.
        diagnosis: Of that film.
        hidden: Whether what the model found is kept back.
    """
    heatmap, lungs = diagnosis.heatmap, diagnosis.lungs_map
    with st.container(key="viewer"):
        words = {
            **{name: t(f"viewer.{name}") for name in _WORDS},
            "alt_overlay": f"{overlay_words(heatmap, language())}. {t('viewer.alt_heat')}",
        }
        shown = {
            "film": _offered(film),
            "heat": _heat(heatmap),
            "lungs": _points(lungs.outline()) if lungs.found else [],
            "contours": [_contour(heatmap, level) for level in contour_levels(LOWEST_CONTOUR)],
            "presets": _presets(film),
            "hidden": hidden,
            "words": words,
        }
        _draw(
            key="panels", data=[shown]
        )  # what lies bare Streamlit takes to pandas: is it a table?


def _offered(film: Film) -> dict[str, Any]:
    """A film's greys, laid ready for this session's browser in memory, as pictures of a page are.

    What is not offered again in a run of the page is forgotten.
    """
    shown = fitted(film.pixels, LONGEST_SIDE_PX)
    greys = (shown * 65535).round().astype("<u2")
    files = get_instance().media_file_mgr
    address = files.add(greys.tobytes(), "application/octet-stream", "film viewer")
    identity = "-".join((film.sha256, *film.facts.orientation.names))
    height, width = shown.shape
    return {"id": identity, "address": address, "width": width, "height": height}


def _presets(film: Film) -> list[dict[str, Any]]:
    return [
        {
            "name": preset,
            "label": t(f"viewer.preset.{preset}"),
            "centre": window.centre,
            "width": window.width,
        }
        for preset, window in preset_windows(film.pixels).items()
    ]


def _heat(heatmap: Heatmap) -> dict[str, Any]:
    values = film_picture(heatmap.over(_HEAT_SIDE_PX, _HEAT_SIDE_PX))
    tables = {name: (heat_table(1.0, name) * 255).round() for name in COLOUR_MAPS}
    return {
        "side": _HEAT_SIDE_PX,
        "values": _base64(values),
        "tables": {name: _base64(table.astype(np.uint8)) for name, table in tables.items()},
    }


def _base64(pixels: NDArray[np.uint8]) -> str:
    return b64encode(pixels.tobytes()).decode()


def _contour(heatmap: Heatmap, level: float) -> dict[str, Any]:
    lines = _points(contour_lines(heatmap, level))
    return {"label": f"{100 * level:.0f} %", "level": level, "lines": lines}


def _points(lines: list[NDArray[np.float32]]) -> list[Any]:
    """Lines as the browser takes them: [[[x, y], ...], ...], in shares of width and height."""
    return [line.round(4).tolist() for line in lines]
