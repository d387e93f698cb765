"""What the Diagnosis page draws: the verdict, the film and its heatmap."""

import io

import streamlit as st
from PIL import Image

from core.charts.numbers import percent
from core.charts.probability import probability_scale
from core.charts.verdict_words import (
    called_words,
    facts_words,
    probability_words,
    worth_words,
)
from core.film import Film
from core.inference import Diagnosis
from core.labels import Verdict
from core.models import load_card
from core.overlay import Pixels, film_picture, fitted, legend_picture, overlay_picture
from core.ui.frame import chosen_model
from core.ui.words import language, t

ICONS = {
    Verdict.NORMAL: ":material/circle:",
    Verdict.PNEUMONIA: ":material/adjust:",
    Verdict.REVIEW: ":violet[:material/person_search:]",  # the colour of the band on the scale
}
OPACITY_START = 50
LONGEST_SIDE_PX = 1200


def draw_verdict(film: Film, diagnosis: Diagnosis) -> None:
    """The verdict as a word, the probability on its scale, and what both mean and do not mean."""
    verdict = t(f"diagnosis.verdict.{diagnosis.verdict.lower()}")
    st.markdown(f"## {ICONS[diagnosis.verdict]} {verdict}")
    st.markdown(_probability(diagnosis))
    _draw_scale(diagnosis)
    if film.notices:
        notices = "\n\n".join(notice.message(language()) for notice in film.notices)
        st.warning(notices, icon=":material/warning:")
    st.markdown(called_words(diagnosis.verdict, diagnosis.review, language()))
    st.markdown(worth_words(diagnosis, chosen_model(), language()))
    st.caption(t("diagnosis.calibrated"))
    st.info(t("diagnosis.not_for"), icon=":material/info:")
    st.caption(_provenance(film, diagnosis))


def _probability(diagnosis: Diagnosis) -> str:
    percentage = probability_words(diagnosis.probability, language())
    return t("diagnosis.probability", percent=percentage)


def _draw_scale(diagnosis: Diagnosis) -> None:
    """The probability's scale; who cannot see it hears the same."""
    low, high = (percent(edge, language()) for edge in diagnosis.review)
    mark = t("diagnosis.operating_point", percent=percent(diagnosis.threshold, language()))
    band = t("diagnosis.review_band", low=low, high=high)
    st.plotly_chart(
        probability_scale(diagnosis.probability, diagnosis.threshold, mark, diagnosis.review, band),
        config={"displayModeBar": False},
        alt=f"{_probability(diagnosis).replace('**', '')}; {mark}; {band}",
    )


def _provenance(film: Film, diagnosis: Diagnosis) -> str:
    """The film's known facts, and which weights read which file."""
    card = load_card(chosen_model())
    bound = t(
        "diagnosis.bound",
        film=diagnosis.film_sha256[:12],
        model=f"{card.name} {card.version}",
        weights=diagnosis.weights_sha256[:12],
    )
    return f"{facts_words(film.facts, language())}  \n{bound}"


def draw_film(film: Film, diagnosis: Diagnosis) -> None:
    """The film and the heatmap over it at the same scale; the heatmap's opacity and key below."""
    bare, covered = st.columns(2, gap="small")
    with st.container(key="controls"):
        opacity = st.slider(t("diagnosis.opacity"), 0, 100, OPACITY_START, 5, "%d %%", "opacity")
        st.image(_png(legend_picture(opacity / 100)), width="stretch")
        st.caption(t("diagnosis.heatmap_scale", full=f"{diagnosis.heatmap.full_heat:.2f}"))
    shown = fitted(film.pixels, LONGEST_SIDE_PX)
    with bare.container(key="film"):
        st.image(_png(film_picture(shown)), t("diagnosis.film"), width="stretch")
    overlay = overlay_picture(shown, diagnosis.heatmap, opacity / 100)
    with covered.container(key="overlay"):
        st.image(_png(overlay), t("diagnosis.overlay"), width="stretch")


def _png(pixels: Pixels) -> bytes:
    """A picture as PNG, without loss and packed quickly."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG", compress_level=1)
    return file.getvalue()
