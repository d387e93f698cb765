"""The head of a page: one sentence that says what is found, as the page's first heading."""

import streamlit as st

_STYLE = """<style>
.st-key-headline h1 { padding: 0.25rem 0; font-size: 1.75rem; line-height: 1.25; }
[data-testid=stMetric] { padding: 0.625rem 1rem; }
@media (max-width: 640px) { .st-key-headline h1 { font-size: 1.375rem; } }
</style>"""


def show_headline(words: str, *, is_bad: bool = False) -> None:
    """Say in one sentence what the page shows.

    Args:
        words: The sentence; no Markdown.
        is_bad: Whether it warns: in red, with a sign.
    """
    st.html(_STYLE)
    with st.container(key="headline"):
        told = words.replace("~", r"\~")
        st.title(f":red[:material/block: {told}]" if is_bad else told, anchor=False)
