"""The filmstrip: a small picture of each film with the colour of its verdict; a click opens it."""

from pathlib import Path

import streamlit as st

from core.inference.worklist import Row
from core.reporting.captions.verdict import probability_words
from core.reporting.captions.worklist import MARKS
from core.ui.diagnosis.progress import is_reading
from core.ui.diagnosis.read_first import is_hidden
from core.ui.diagnosis.session import open_from_list, opened, shown_rows, tried_sample, worklist
from core.ui.frame.words import language, t

_FOLDER = Path(__file__).parent
_REFRESH_SECONDS = 3
_draw = st.components.v2.component(
    "filmstrip",
    html='<div class="strip" role="listbox"></div>',
    css=(_FOLDER / "strip.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "strip.js").read_text(encoding="utf-8"),
)


def draw_strip() -> None:
    """All films of the list as it is sorted and filtered; nothing where there is one.

    Raises:
        WeightsError: The model's weights cannot be trusted.
    """
    if len(worklist()) > 1 and not tried_sample():
        with st.container(key="strip"):
            st.fragment(_draw_films, run_every=_REFRESH_SECONDS if is_reading() else None)()


def _draw_films() -> None:
    number = opened()
    films = [_film(row, row.entry.number == number) for row in shown_rows()]
    shown = {"name": t("worklist.strip"), "films": films}
    chosen = _draw(key="filmstrip", data=[shown], on_open_change=lambda: None)
    if chosen.open is not None:
        open_from_list(int(chosen.open))
        st.rerun()


def _film(row: Row, is_open: bool) -> dict[str, object]:
    """What the browser draws of a film; before the reader has read it, no verdict."""
    standing, diagnosis = row.standing, row.diagnosis
    kept_back = is_hidden(row)
    told = "" if kept_back else t(f"worklist.standing.{standing.lower()}")
    if diagnosis and not kept_back and not diagnosis.reasons:
        told = f"{told} {probability_words(diagnosis.probability, language())}"
    return {
        "number": row.entry.number,
        "picture": row.finding.thumbnail if row.finding else "",
        "standing": "hidden" if kept_back else standing.lower(),
        "mark": "" if kept_back else MARKS[standing],
        "name": " · ".join(filter(None, (row.entry.name.rpartition("/")[2], told))),
        "open": is_open,
    }
