"""What the About page draws from the cards of the models and the log of looks at the test set."""

from collections.abc import Iterator, Sequence

import pandas as pd
import streamlit as st

from core import __version__
from core.messages.errors import WeightsError
from core.models import REGISTRY, ModelCard, load_card, shipped_models
from core.reporting.numbers import percent
from core.results.folder import results_folder
from core.results.looks import LOGGED_METRICS, LOOK_COLUMNS
from core.ui.frame.model_names import architecture_title
from core.ui.frame.words import language, show_error, t


def draw_models() -> None:
    """A row a shipped model: architecture, version, operating point, review band, weights."""
    if not shipped_models():
        st.info(t("about.models.none"), icon=":material/info:")
    cards = _readable_cards()
    if cards:
        _draw_cards(cards)
    st.caption(t("about.models.software", version=__version__))


def _readable_cards() -> list[ModelCard]:
    """The cards of the models that ship; one that cannot be read is told instead."""
    cards = []
    for name in shipped_models():
        try:
            cards.append(load_card(name))
        except WeightsError as error:
            show_error(error)
    return cards


def _draw_cards(cards: Sequence[ModelCard]) -> None:
    columns = {
        "model": [card.name for card in cards],
        "version": [card.version for card in cards],
        "architecture": [architecture_title(card) for card in cards],
        "input": [f"{card.size_px} × {card.size_px}" for card in cards],
        "parameters": [f"{card.parameters / 1e6:.1f} M" for card in cards],
        "threshold": [percent(card.threshold, language()) for card in cards],
        "review": [_band(card) for card in cards],
        "temperature": [f"{card.temperature:.2f}" for card in cards],
        "origin": [_origin(card) for card in cards],
        "sha256": [card.sha256[:12] for card in cards],
    }
    table = pd.DataFrame({t(f"about.models.{key}"): values for key, values in columns.items()})
    st.dataframe(table, hide_index=True, alt=t("about.models.title"))
    with st.expander(t("about.models.papers"), icon=":material/menu_book:"):
        st.markdown("\n".join(f"- {paper}" for paper in _papers(cards)))


def _band(card: ModelCard) -> str:
    low, high = (percent(edge, language()) for edge in (card.review_low, card.review_high))
    return t("metric.interval", low=low, high=high)


def _origin(card: ModelCard) -> str:
    """The run that trained a model, or the models that an ensemble is of."""
    if card.members:
        return t("about.models.members", members=", ".join(card.members))
    return t("about.models.run", run=card.run)


def _papers(cards: Sequence[ModelCard]) -> Iterator[str]:
    """Where each architecture that ships was published, and under which licence its code is."""
    for name in dict.fromkeys(card.architecture for card in cards if not card.members):
        spec = REGISTRY[name]
        yield t("about.models.paper", title=spec.title, paper=spec.paper, licence=spec.licence)


def draw_test_looks() -> None:
    """The log of every time that labels of the test set were looked at."""
    with st.expander(t("about.looks.title"), icon=":material/visibility:"):
        st.markdown(t("about.looks.text"))
        file = results_folder() / "test_looks.csv"
        if not file.is_file():
            st.info(t("about.looks.none"), icon=":material/info:")
            return
        looks = pd.read_csv(file, dtype={"version": str})
        looks["weights_sha256"] = looks["weights_sha256"].str[:12]
        names = {column: t(f"about.looks.column.{column}") for column in LOOK_COLUMNS}
        metrics = {column: t(f"metric.name.{column}") for column in LOGGED_METRICS}
        shown = looks.rename(columns=names | metrics)
        st.dataframe(shown, hide_index=True, alt=t("about.looks.title"))
