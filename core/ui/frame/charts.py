"""Drawing charts: each with its text alternative under it."""

from typing import Any

import streamlit as st

CHART_CONFIG = {"displayModeBar": False, "showTips": False}


def show_chart(figure: Any, caption: str, heading: str | None = None) -> None:
    """Draw a Plotly figure with a sentence that says the same.

    Args:
        figure: The figure.
        caption: What it shows, in words; screen readers read it as well.
        heading: The figure's name.
    """
    if heading:
        show_heading(heading)
    st.plotly_chart(figure, theme="streamlit", config=CHART_CONFIG, alt=caption)
    show_caption(caption)


def show_caption(caption: str) -> None:
    """Show plain words under a figure; tildes of Korean intervals strike nothing out."""
    st.caption(caption.replace("~", r"\~"))


def show_finding(figure: Any, finding: str) -> None:
    """Say what was found, and draw the figure that shows it."""
    st.markdown(finding)
    st.plotly_chart(figure, theme="streamlit", config=CHART_CONFIG, alt=finding)


def show_heading(heading: str) -> None:
    """Head a section, one step below the page's finding."""
    st.markdown(f"#### {heading}")


def show_note(note: str, icon: str) -> None:
    """Say something to keep in mind, quietly.

    Args:
        note: Markdown.
        icon: Name of a Material symbol.
    """
    note = note.replace("~", r"\~")
    st.markdown(f":material/{icon}: {note}")


def show_empty(title: str, action: str) -> None:
    """Say that there is nothing to show yet, and what to do about it."""
    st.info(f"**{title}**\n\n{action}", icon=":material/inbox:")
