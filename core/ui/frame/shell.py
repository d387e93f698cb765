"""The shell of every page: tab, width, colours and the settings menu; no sidebar, no page title.

Pages find their colours as CSS variables (``shell.css``) and as ``VERDICT_COLOURS`` for charts and
documents: both are one table, in ``core.reporting.charts.style``.
"""

from pathlib import Path

import streamlit as st

from core.reporting.charts.style import VERDICT_COLOURS, VERDICT_INKS
from core.ui.frame.settings import draw_settings, start_language
from core.ui.frame.words import language, t

# A page's Material icon would become the tab's, fetched from an outside host; this one stays ours.
_ICON = Path(__file__).resolve().parents[3] / "static" / "icon.svg"
_SHEET = (Path(__file__).parent / "shell.css").read_text(encoding="utf-8")
# Korean words are not broken within.
_KOREAN = '[data-testid="stApp"] { word-break: keep-all; }'


def start_shell() -> None:
    """Set up the tab and the language; call it before anything is drawn."""
    st.set_page_config(
        page_title=t("frame.title"),
        page_icon=_ICON,
        layout="wide",
        initial_sidebar_state="collapsed",
    )
    start_language()


def draw_shell() -> None:
    """The style of the page and the settings menu; call it before the page itself."""
    rules = [f":root {{ {_colours()} }}", _SHEET]
    if language() == "ko":
        rules.append(_KOREAN)
    st.html(f"<style>{' '.join(rules)}</style>")
    draw_settings()


def _colours() -> str:
    """The colours of verdicts as CSS variables."""
    plain = [f"--{name.lower()}: {colour};" for name, colour in VERDICT_COLOURS.items()]
    inks = [
        f"--{name.lower()}-text: light-dark({light}, {dark});"
        for name, (light, dark) in VERDICT_INKS.items()
    ]
    return " ".join(plain + inks)
