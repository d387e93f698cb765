"""What the Diagnosis page draws: the verdict, the film and its heatmap."""

import io

import streamlit as st
from PIL import Image

from core.charts.probability import probability_scale
from core.film import Film
from core.inference import Diagnosis
from core.labels import Label
from core.models import load_card
from core.overlay import Pixels, film_picture, fitted, legend_picture, overlay_picture
from core.results import read_metrics
from core.ui.frame import chosen_model
from core.ui.words import language, t

ICONS = {Label.NORMAL: ":material/circle:", Label.PNEUMONIA: ":material/adjust:"}
OPACITY_START = 50
LONGEST_SIDE_PX = 1200


def draw_verdict(film: Film, diagnosis: Diagnosis) -> None:
    """The verdict as a word, the probability on its scale, and what both mean and do not mean."""
    st.markdown(f"## {ICONS[diagnosis.label]} {t(f'diagnosis.verdict.{diagnosis.label.lower()}')}")
    st.markdown(t("diagnosis.probability", percent=f"{diagnosis.probability:.1%}"))
    mark = t("diagnosis.operating_point", percent=f"{diagnosis.threshold:.1%}")
    st.plotly_chart(
        probability_scale(diagnosis.probability, diagnosis.threshold, mark),
        config={"displayModeBar": False},
    )
    st.markdown(_meaning(diagnosis))
    for notice in film.notices:
        st.warning(notice.message(language()), icon=":material/warning:")
    st.info(t("diagnosis.not_for"), icon=":material/info:")
    st.caption(_provenance(film, diagnosis))


def _meaning(diagnosis: Diagnosis) -> str:
    """What the operating point means, in figures measured on the test films where there are any."""
    called = t(f"diagnosis.meaning.{diagnosis.label.lower()}", percent=f"{diagnosis.threshold:.1%}")
    test = read_metrics(chosen_model(), "test")
    if test is None or test["weights_sha256"] != diagnosis.weights_sha256:
        return f"{called} {t('diagnosis.meaning.unmeasured')}"
    measured = t(
        "diagnosis.meaning.measured",
        n=test["n"],
        sensitivity=f"{test['sensitivity']['value']:.0%}",
        specificity=f"{test['specificity']['value']:.0%}",
    )
    return f"{called} {measured}"


def _provenance(film: Film, diagnosis: Diagnosis) -> str:
    """The film's known facts, and which weights read which file."""
    facts = film.facts
    known = [f"{facts.format} {facts.width_px} x {facts.height_px}, {facts.bits} bit"]
    if facts.modality:
        known.append(facts.modality)
    if facts.view:
        known.append(facts.view)
    if facts.age_years is not None:
        known.append(t("diagnosis.age", years=f"{facts.age_years:.1f}"))
    card = load_card(chosen_model())
    bound = t(
        "diagnosis.bound",
        film=diagnosis.film_sha256[:12],
        model=f"{card.name} {card.version}",
        weights=diagnosis.weights_sha256[:12],
    )
    return f"{' · '.join(known)}  \n{bound}"


def draw_film(film: Film, diagnosis: Diagnosis) -> None:
    """The film and the heatmap over it at the same scale; the heatmap's opacity and key below."""
    bare, covered = st.columns(2, gap="small")
    with st.container(key="controls"):
        percent = st.slider(t("diagnosis.opacity"), 0, 100, OPACITY_START, 5, "%d %%", "opacity")
        st.image(_png(legend_picture(percent / 100)), width="stretch")
        st.caption(t("diagnosis.heatmap_scale", full=f"{diagnosis.heatmap.full_heat:.2f}"))
    shown = fitted(film.pixels, LONGEST_SIDE_PX)
    with bare.container(key="film"):
        st.image(_png(film_picture(shown)), t("diagnosis.film"), width="stretch")
    overlay = overlay_picture(shown, diagnosis.heatmap, percent / 100)
    with covered.container(key="overlay"):
        st.image(_png(overlay), t("diagnosis.overlay"), width="stretch")


def _png(pixels: Pixels) -> bytes:
    """A picture as PNG, without loss and packed quickly."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG", compress_level=1)
    return file.getvalue()
