"""The pneumonia reading room: the table of its pages. Start it with ``make run``.

The server imports this file for ``app``; every run of a session runs it as ``__main__``.
"""

import streamlit as st
from starlette.middleware import Middleware

from core.api.application import api_mount
from core.ui.frame.guard import Guard
from core.ui.frame.in_memory import keep_uploads_in_memory
from core.ui.frame.login import draw_login, is_let_in, is_login_needed
from core.ui.frame.shell import draw_shell, start_shell
from core.ui.frame.words import t
from core.ui.kept.tab import keep_list

# The pages, as they stand in the navigation, each with its icon.
PAGES = {
    "diagnosis": "radiology",
    "evaluation": "fact_check",
    "models": "stacked_line_chart",
    "training": "model_training",
    "data": "photo_library",
    "about": "info",
}


def run() -> None:
    """Draw the frame and the page that the address names."""
    keep_uploads_in_memory()
    start_shell()
    is_open = is_let_in()

    # An address must not be the stem of its file: Streamlit would run the file without this frame.
    page = st.navigation(
        [
            st.Page(
                f"pages/{name}_page.py",
                title=t(f"frame.page.{name}"),
                icon=f":material/{icon}:",
                url_path=name,
                default=name == "diagnosis",
            )
            for name, icon in PAGES.items()
        ],
        position="top" if is_open else "hidden",
    )
    draw_shell()
    if not is_open:
        draw_login()
        return
    keep_list()
    page.run()


if __name__ == "__main__":
    run()
else:
    app = st.App(
        __file__,
        routes=[api_mount(st.get_option("server.baseUrlPath"), is_login_needed)],
        middleware=[Middleware(Guard)],
    )
