"""The heatmap's method, and the drawer that tests the heatmap while the film stays in view.

What was made on request is kept in the session for the film and the weights that it is of.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from core.imaging import Film
from core.inference.diagnosis import Diagnosis
from core.inference.explanation_methods import METHODS, Method, methods_for
from core.inference.model import Diagnostician, shared_diagnostician
from core.inference.reading import Reading
from core.inference.second_look import (
    mask_film,
    seconds_of,
    steadiness,
    votes,
)
from core.messages.errors import WeightsError
from core.models import shipped_models
from core.reporting.captions.evidence import masking_sentence
from core.reporting.captions.second_look import (
    masked_sentence,
    steadiness_sentence,
    votes_note,
    votes_sentence,
)
from core.reporting.charts.second_look import masked_chart, steadiness_chart, votes_chart
from core.results.model_records import Scale, masking_of, scales_of
from core.ui.diagnosis.session import SECOND_LOOK, reading
from core.ui.frame.charts import show_finding, show_heading
from core.ui.frame.settings import chosen_model
from core.ui.frame.turn import turn
from core.ui.frame.words import language, show_error, t

METHOD = "method"
DRAWER_PX = 420


def explained_reading() -> Reading | None:
    """The open film with its diagnosis, whose heatmap is that of the chosen method.

    Raises:
        WeightsError: The weights of model or gate cannot be trusted.
    """
    found = reading()
    return found and replace(found, diagnosis=_explained(found.film, found.diagnosis))


def _explained(film: Film, diagnosis: Diagnosis) -> Diagnosis:
    """The diagnosis with the heatmap of the chosen method.

    A method that takes long is only made when the reader asks for it; until then the heatmap stays
    as it is.

    Raises:
        WeightsError: The model's weights cannot be trusted.
    """
    model = shared_diagnostician(chosen_model())
    method, scale = _chosen(model)
    if scale is None:
        return diagnosis
    kept = _kept(film, diagnosis)
    if method.name not in kept and not method.masked_passes:
        with turn():
            kept[method.name] = model.heatmap(film, method, scale)
    return replace(diagnosis, heatmap=kept.get(method.name, diagnosis.heatmap))


def _kept(film: Film, diagnosis: Diagnosis) -> dict[str, Any]:
    """What was made of this film as it is now, by the weights that it was diagnosed with."""
    key = (film.sha256, film.facts, film.notices, diagnosis.weights_sha256)
    known = st.session_state.get(SECOND_LOOK)
    if known is None or known[0] != key:
        known = (key, {})
        st.session_state[SECOND_LOOK] = known
    made: dict[str, Any] = known[1]
    return made


def _offered(model: Diagnostician) -> dict[str, Scale | None]:
    """The methods for this model whose scale is known; the default's is on the card."""
    scales = scales_of(model.card.name, model.card.sha256)
    known = [method.name for method in methods_for(model.networks) if method.name in scales]
    return {model.method.name: None, **{name: scales[name] for name in known}}


def _chosen(model: Diagnostician) -> tuple[Method, Scale | None]:
    """The method chosen, and its scale; None for the default, which every diagnosis has."""
    offered = _offered(model)
    name = st.session_state.get(METHOD)
    if name not in offered:
        name = model.method.name
    return METHODS[name], offered[name]


def draw_methods(film: Film, diagnosis: Diagnosis) -> None:
    """The choice of the method, with what it means.

    Args:
        film: The film on the screen.
        diagnosis: As ``explained_reading`` has it.
    """
    model = shared_diagnostician(chosen_model())
    offered = list(_offered(model))
    method, scale = _chosen(model)
    if len(offered) > 1:
        st.session_state[METHOD] = method.name
        st.pills(
            t("second_look.method"),
            offered,
            format_func=lambda name: METHODS[name].title,
            required=True,
            key=METHOD,
            persist_state="session",
        )
    words = [t(f"second_look.about.{method.name}", channels=method.masked_passes)]
    if method.name == "hires_cam" and all(network.is_pooled_linear for network in model.networks):
        words.append(t("second_look.same"))
    masking = masking_of(model.card.name, model.card.sha256)
    if masking and method.name in masking.lowered:
        words.append(masking_sentence(masking, method.name, method.title, language()))
    words.append(t("second_look.paper", address=method.paper))
    st.caption(" ".join(words))
    if scale is not None and diagnosis.heatmap.method != method.name:
        _offer_costly(film, diagnosis, model, method, scale)


def _offer_costly(
    film: Film, diagnosis: Diagnosis, model: Diagnostician, method: Method, scale: Scale
) -> None:
    """Tell what a method costs, and make its heatmap when asked."""
    kept = _kept(film, diagnosis)
    if "seconds" not in kept:
        with turn():
            kept["seconds"] = seconds_of(film, model, method)
    passes = method.masked_passes * len(model.networks)
    seconds = f"{max(kept['seconds'], 1):.0f}"
    told = {"method": method.title, "passes": passes, "seconds": seconds}
    shown = t("second_look.not_made", method=model.method.title)
    st.markdown(f"{t('second_look.cost', **told)} {shown}")
    if st.button(t("second_look.run", method=method.title), icon=":material/hourglass:"):
        bar = st.progress(0.0, t("second_look.making", method=method.title))

        with turn() as pass_on:

            def watch(share: float) -> None:
                bar.progress(share, t("second_look.making", method=method.title))
                pass_on()

            kept[method.name] = model.heatmap(film, method, scale, watch)
        st.rerun()


def draw_tests_button(film: Film, diagnosis: Diagnosis) -> None:
    """Open the drawer, which makes all tests at once."""
    if st.button(t("second_look.title"), icon=":material/search_insights:", key="tests"):
        drawer = st.dialog(t("second_look.title"), position="right", width=DRAWER_PX)
        drawer(_draw_tests)(film, diagnosis)


def _draw_tests(film: Film, diagnosis: Diagnosis) -> None:
    draw = {"masked": _draw_masked, "votes": _draw_votes, "steadiness": _draw_steadiness}
    for part, draw_part in draw.items():
        show_heading(t(f"second_look.tab.{part}"))
        try:
            draw_part(film, diagnosis)
        except WeightsError as error:
            show_error(error)


def _made(
    part: str, film: Film, diagnosis: Diagnosis, make: Callable[[], Any], name: str = ""
) -> Any:
    """What was made of a part, made now where it was not yet."""
    kept, name = _kept(film, diagnosis), name or part
    if name not in kept:
        with st.spinner(t(f"second_look.running.{part}")), turn():
            kept[name] = make()
    return kept[name]


def _draw_masked(film: Film, diagnosis: Diagnosis) -> None:
    heatmap = diagnosis.heatmap
    if heatmap.hottest <= 0:
        st.markdown(t("second_look.masked.cold"))
        return
    model = shared_diagnostician(chosen_model())
    make = partial(mask_film, model, film, heatmap)
    found = _made("masked", film, diagnosis, make, f"masked_{heatmap.method}")
    words = masked_sentence(found, model.card, language())
    show_finding(masked_chart(found, language()), words)


def _draw_votes(film: Film, diagnosis: Diagnosis) -> None:
    make = partial(_votes, film, shipped_models())
    found = _made("votes", film, diagnosis, make)
    words = votes_sentence(found, chosen_model(), language())
    show_finding(votes_chart(found, language()), words)
    st.caption(votes_note(found, language()))


def _votes(film: Film, names: tuple[str, ...]) -> Any:
    return votes(film, [shared_diagnostician(name) for name in names])


def _draw_steadiness(film: Film, diagnosis: Diagnosis) -> None:
    make = partial(steadiness, film, shared_diagnostician(chosen_model()))
    found = _made("steadiness", film, diagnosis, make)
    chart = steadiness_chart(found, diagnosis.threshold, language())
    show_finding(chart, steadiness_sentence(found, language()))
