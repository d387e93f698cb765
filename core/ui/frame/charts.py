"""Drawing charts, each with its text alternative, and the quiet words around them."""

from typing import Any

import streamlit as st

CHART_CONFIG = {"displayModeBar": False, "showTips": False}
INKS = {"dark": "#e4eaec", "light": "#0b1012"}
"""The text colours of ``.streamlit/config.toml``: Streamlit's own for charts are too pale."""


def draw_chart(figure: Any, alt: str, **interaction: Any) -> None:
    """Draw a Plotly figure, its words in the text colour of the reader's theme.

    Args:
        figure: The figure, which is changed.
        alt: What it shows, in words, for who cannot see it.
        interaction: Of ``st.plotly_chart``: ``key``, ``on_select``, ``selection_mode``.
    """
    ink = INKS.get(st.context.theme.type or "dark", INKS["dark"])
    figure.update_layout(font={"color": ink}, legend={"font": {"color": ink}})
    figure.update_xaxes(tickfont={"color": ink}, title={"font": {"color": ink}})
    figure.update_yaxes(tickfont={"color": ink}, title={"font": {"color": ink}})
    st.plotly_chart(figure, theme="streamlit", config=CHART_CONFIG, alt=alt, **interaction)


def show_chart(figure: Any, alt: str, heading: str | None = None) -> None:
    """Draw a Plotly figure under its name.

    Args:
        figure: The figure.
        alt: What it shows, in words, for who cannot see it.
        heading: The figure's name.
    """
    if heading:
        show_heading(heading)
    draw_chart(figure, alt)


def show_caption(caption: str) -> None:
    """Show plain words under a figure; tildes of Korean intervals strike nothing out."""
    st.caption(caption.replace("~", r"\~"))


def show_finding(figure: Any, finding: str) -> None:
    """Say what was found, and draw the figure that shows it."""
    st.markdown(finding)
    draw_chart(figure, finding)


def show_heading(heading: str) -> None:
    """Head a section, one step below the page's finding."""
    st.markdown(f"## {heading}")


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
