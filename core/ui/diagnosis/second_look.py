"""The evidence below the film: the heatmap's method, and a second look at the film on request.

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
    HOT_SHARE,
    SMALL_CHANGES,
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
    votes_table,
)
from core.reporting.charts.second_look import masked_chart, steadiness_chart, votes_chart
from core.results.model_records import Scale, masking_of, scales_of
from core.ui.diagnosis.session import SECOND_LOOK, reading
from core.ui.frame.charts import show_finding, show_heading
from core.ui.frame.settings import chosen_model
from core.ui.frame.words import language, show_error, t

METHOD = "method"
_PARTS = ("masked", "votes", "steadiness")


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
        kept[method.name] = model.heatmap(film, method, scale)
    return replace(diagnosis, heatmap=kept.get(method.name, diagnosis.heatmap))


def draw_evidence(film: Film, diagnosis: Diagnosis) -> None:
    """The choice of the method, and the second look.

    Args:
        film: The film on the screen.
        diagnosis: As ``explained_reading`` has it.
    """
    show_heading(t("second_look.title"))
    with st.container(key="evidence"):
        _draw_methods(film, diagnosis)
        _draw_second_look(film, diagnosis)


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


def _draw_methods(film: Film, diagnosis: Diagnosis) -> None:
    model = shared_diagnostician(chosen_model())
    offered = list(_offered(model))
    method, scale = _chosen(model)
    if len(offered) > 1:
        st.session_state[METHOD] = method.name
        st.selectbox(
            t("second_look.method"),
            offered,
            format_func=lambda name: METHODS[name].title,
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
        kept["seconds"] = seconds_of(film, model, method)
    passes = method.masked_passes * len(model.networks)
    seconds = f"{max(kept['seconds'], 1):.0f}"
    told = {"method": method.title, "passes": passes, "seconds": seconds}
    shown = t("second_look.not_made", method=model.method.title)
    st.markdown(f"{t('second_look.cost', **told)} {shown}")
    if st.button(t("second_look.run", method=method.title), icon=":material/hourglass:"):
        bar = st.progress(0.0, t("second_look.running", method=method.title))

        def watch(share: float) -> None:
            bar.progress(share, t("second_look.running", method=method.title))

        kept[method.name] = model.heatmap(film, method, scale, watch)
        st.rerun()


@st.fragment
def _draw_second_look(film: Film, diagnosis: Diagnosis) -> None:
    tabs = st.tabs([t(f"second_look.tab.{part}") for part in _PARTS])
    draw = {"masked": _draw_masked, "votes": _draw_votes, "steadiness": _draw_steadiness}
    for tab, part in zip(tabs, _PARTS, strict=True):
        with tab:
            try:
                draw[part](film, diagnosis)
            except WeightsError as error:
                show_error(error)


def _on_request(
    part: str, film: Film, diagnosis: Diagnosis, make: Callable[[], Any], name: str = ""
) -> Any:
    """What was made of a part, or a button that makes it; None until it is pressed."""
    kept, name = _kept(film, diagnosis), name or part
    place = st.empty()
    if name not in kept:
        if not place.button(t(f"second_look.button.{part}"), icon=":material/search_insights:"):
            return None
        place.empty()
        with st.spinner(t("diagnosis.reading")):
            kept[name] = make()
    return kept[name]


def _draw_masked(film: Film, diagnosis: Diagnosis) -> None:
    heatmap = diagnosis.heatmap
    if heatmap.hottest <= 0:
        st.markdown(t("second_look.masked.cold"))
        return
    st.caption(t("second_look.intro.masked", share=f"{100 * HOT_SHARE:.0f}"))
    model = shared_diagnostician(chosen_model())
    make = partial(mask_film, model, film, heatmap)
    found = _on_request("masked", film, diagnosis, make, f"masked_{heatmap.method}")
    if found is not None:
        show_finding(masked_chart(found, language()), masked_sentence(found, language()))


def _draw_votes(film: Film, diagnosis: Diagnosis) -> None:
    names = shipped_models()
    st.caption(t("second_look.intro.votes", models=len(names)))
    make = partial(_votes, film, names)
    found = _on_request("votes", film, diagnosis, make)
    if found is not None:
        show_finding(
            votes_chart(found, language()), votes_sentence(found, chosen_model(), language())
        )
        st.table(votes_table(found, chosen_model(), language()), border="horizontal")
        st.caption(votes_note(found, language()))


def _votes(film: Film, names: tuple[str, ...]) -> Any:
    return votes(film, [shared_diagnostician(name) for name in names])


def _draw_steadiness(film: Film, diagnosis: Diagnosis) -> None:
    st.caption(t("second_look.intro.steadiness", changes=len(SMALL_CHANGES)))
    make = partial(steadiness, film, shared_diagnostician(chosen_model()))
    found = _on_request("steadiness", film, diagnosis, make)
    if found is not None:
        chart = steadiness_chart(found, diagnosis.threshold, language())
        show_finding(chart, steadiness_sentence(found, language()))
