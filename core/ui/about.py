"""What the About page draws from the cards of the models and the log of looks at the test set."""

import pandas as pd
import streamlit as st

from core import __version__
from core.models import REGISTRY, load_card, shipped_models
from core.results import LOGGED_METRICS, LOOK_COLUMNS, results_folder
from core.ui.words import t


def draw_models() -> None:
    """A row a shipped model: architecture, version, operating point, weights."""
    cards = [load_card(name) for name in shipped_models()]
    if not cards:
        st.info(t("about.models.none"), icon=":material/info:")
        return
    columns = {
        "model": [card.name for card in cards],
        "version": [card.version for card in cards],
        "architecture": [REGISTRY[card.architecture].title for card in cards],
        "input": [f"{card.size_px} x {card.size_px}" for card in cards],
        "parameters": [f"{card.parameters / 1e6:.1f} M" for card in cards],
        "threshold": [f"{card.threshold:.1%}" for card in cards],
        "sha256": [card.sha256[:12] for card in cards],
    }
    table = pd.DataFrame({t(f"about.models.{key}"): values for key, values in columns.items()})
    st.dataframe(table, hide_index=True)
    for card in cards:
        share = f"{card.validation_sensitivity:.0%}"
        st.caption(t("about.models.rule", model=card.name, share=share, run=card.run))
        st.caption(t("about.models.paper", paper=REGISTRY[card.architecture].paper))
    st.caption(t("about.models.software", version=__version__))


def draw_test_looks() -> None:
    """The log of every time that labels of the test set were looked at."""
    st.markdown(t("about.looks.text"))
    file = results_folder() / "test_looks.csv"
    if not file.is_file():
        st.info(t("about.looks.none"), icon=":material/info:")
        return
    looks = pd.read_csv(file, dtype={"version": str})
    looks["weights_sha256"] = looks["weights_sha256"].str[:12]
    names = {column: t(f"about.looks.column.{column}") for column in LOOK_COLUMNS}
    metrics = {column: t(f"metric.name.{column}") for column in LOGGED_METRICS}
    st.dataframe(looks.rename(columns=names | metrics), hide_index=True)
