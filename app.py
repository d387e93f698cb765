"""The pneumonia reading room: the table of its pages. Start it with ``make run``.

The server imports this file for ``app``; every run of a session runs it as ``__main__``.
"""

import streamlit as st
from starlette.middleware import Middleware

from core.api.application import api_mount
from core.ui.frame.guard import Guard
from core.ui.frame.in_memory import keep_uploads_in_memory
from core.ui.frame.shell import draw_shell, start_shell
from core.ui.frame.words import t
from core.ui.kept.tab import keep_list


def run() -> None:
    """Draw the frame and the page that the address names."""
    keep_uploads_in_memory()
    start_shell()

    # An address must not be the stem of its file: Streamlit would run the file without this frame.
    page = st.navigation(
        [
            st.Page(
                "pages/diagnosis_page.py",
                title=t("frame.page.diagnosis"),
                icon=":material/radiology:",
                url_path="diagnosis",
                default=True,
            ),
            st.Page(
                "pages/evaluation_page.py",
                title=t("frame.page.evaluation"),
                icon=":material/fact_check:",
                url_path="evaluation",
            ),
            st.Page(
                "pages/models_page.py",
                title=t("frame.page.models"),
                icon=":material/stacked_line_chart:",
                url_path="models",
            ),
            st.Page(
                "pages/training_page.py",
                title=t("frame.page.training"),
                icon=":material/model_training:",
                url_path="training",
            ),
            st.Page(
                "pages/data_page.py",
                title=t("frame.page.data"),
                icon=":material/photo_library:",
                url_path="data",
            ),
            st.Page(
                "pages/about_page.py",
                title=t("frame.page.about"),
                icon=":material/info:",
                url_path="about",
            ),
        ],
        position="top",
    )
    draw_shell()
    keep_list()
    page.run()


if __name__ == "__main__":
    run()
else:
    app = st.App(
        __file__,
        routes=[api_mount(st.get_option("server.baseUrlPath"))],
        middleware=[Middleware(Guard)],
    )
