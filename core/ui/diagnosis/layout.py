"""The layout of the Diagnosis page, a sheet beside this module."""

from pathlib import Path

import streamlit as st

_SHEET = Path(__file__).parent / "diagnosis.css"


def draw_style() -> None:
    """Lay the page out; call it first."""
    st.html(_SHEET)
