"""The what-if of an evaluation: ``what_if.js`` and what it is told.

Threshold and prevalence are moved in the browser, without a run of the page; what was let go comes
back, so that the matrix and the films below follow, and the address holds it.
"""

from pathlib import Path
from typing import Any

import streamlit as st

from core.data.labels import Verdict
from core.metrics.logits import sigmoid
from core.models import ModelCard
from core.reporting.charts.style import VERDICT_COLOURS
from core.reporting.numbers import percent
from core.results.evaluations import Evaluation
from core.ui.frame.address import keep_number_in_address, start_number_from_address
from core.ui.frame.words import language, t

THRESHOLD_STATE, PREVALENCE_STATE = "threshold", "prevalence"
PREVALENCE_PERCENT = 10.0
_WORDS = (
    *("films", "films_alt", "threshold", "own", "exploring", "prevalence", "crowd_title"),
    *("crowd_alt", "alarms", "clear", "tp", "fn", "fp", "tn"),
)
_FOLDER = Path(__file__).parent
_HTML = """<div class="what-if">
  <section>
    <h2 class="films-title"></h2>
    <canvas class="dots" role="img"></canvas>
    <input class="threshold" type="range" min="0" max="1000" step="1">
    <div class="axis" aria-hidden="true"></div>
    <div class="told"><span class="value"></span><span class="state" aria-live="polite"></span>
      <div class="marks"></div></div>
  </section>
  <section>
    <h2 class="crowd-title"></h2>
    <canvas class="people" role="img"></canvas>
    <input class="prevalence" type="range" min="0" max="1000" step="5">
    <div class="cells"><span class="tp"></span><span class="fn"></span>
      <span class="fp"></span><span class="tn"></span></div>
    <div class="words" aria-live="polite"><p class="alarms"></p><p class="clear"></p></div>
  </section>
</div>"""
_COLOURS = {str(verdict).lower(): VERDICT_COLOURS[verdict] for verdict in Verdict}
_CSS = (_FOLDER / "what_if.css").read_text(encoding="utf-8")
_draw = st.components.v2.component(
    "what_if",
    html=_HTML,
    css=":host, .what-if {"
    + "".join(f"--{name}: {colour};" for name, colour in _COLOURS.items())
    + f"}}\n{_CSS}",
    js=(_FOLDER / "what_if.js").read_text(encoding="utf-8"),
)


def draw_what_if(evaluation: Evaluation, card: ModelCard | None) -> float:
    """Draw films and population with their sliders.

    Args:
        evaluation: Of a model on a set.
        card: The model's card, for its review band; None where it is not here.

    Returns:
        The threshold that the reader has let the slider go at, at first the operating point.
    """
    point = float(evaluation.summary["threshold"])
    start_number_from_address(THRESHOLD_STATE, 0, 1, point)
    start_number_from_address(PREVALENCE_STATE, 0, 100, PREVALENCE_PERCENT)
    key = f"what_if_{evaluation.model}_{evaluation.dataset}"
    _draw(
        key=key,
        data=what_if_data(
            evaluation,
            card,
            st.session_state[THRESHOLD_STATE],
            st.session_state[PREVALENCE_STATE] / 100,
        ),
        on_threshold_change=lambda: _take(key, THRESHOLD_STATE, 1),
        on_prevalence_change=lambda: _take(key, PREVALENCE_STATE, 100),
    )
    keep_number_in_address(PREVALENCE_STATE, PREVALENCE_PERCENT)
    return keep_number_in_address(THRESHOLD_STATE, point)


def _take(key: str, name: str, scale: float) -> None:
    """Keep what a slider was let go at."""
    value = st.session_state[key].get(name)
    if isinstance(value, int | float) and 0 <= value <= 1:
        st.session_state[name] = float(value) * scale


def what_if_data(
    evaluation: Evaluation, card: ModelCard | None, threshold: float, prevalence: float
) -> dict[str, Any]:
    """What the browser counts with.

    Args:
        evaluation: Of a model on a set.
        card: The model's card; None where it is not here.
        threshold: Where its slider starts, 0 to 1.
        prevalence: Likewise, 0 to 1.
    """
    films, point = evaluation.predictions, float(evaluation.summary["threshold"])
    marks = marks_of(card, point)
    words = {name: t(f"threshold.what_if.{name}") for name in _WORDS}
    return {
        "id": f"{evaluation.model}/{evaluation.dataset}/{language()}",
        "films": {
            "probability": sigmoid(films["logit"]).tolist(),
            "truth": films["truth"].astype(int).tolist(),
        },
        "point": point,
        "band": [marks["review_low"], marks["review_high"]] if len(marks) > 1 else None,
        "marks": [
            {"name": f"{t(f'threshold.mark.{name}')} {percent(value, language())}", "value": value}
            for name, value in marks.items()
        ],
        "start": {"threshold": threshold, "prevalence": prevalence},
        "colours": _COLOURS,
        "language": language(),
        "words": words
        | {"normal": t("metric.class.NORMAL"), "pneumonia": t("metric.class.PNEUMONIA")}
        | {"percent": t("metric.percent_of")},
    }


def marks_of(card: ModelCard | None, operating_point: float) -> dict[str, float]:
    """The thresholds that were chosen on held-out patients, by name, exactly.

    Args:
        card: The model's card; None where it is not here.
        operating_point: The threshold of the evaluation.
    """
    marks = {"operating_point": operating_point}
    if card is not None and card.review_low < card.review_high:
        marks |= {"review_low": card.review_low, "review_high": card.review_high}
    return marks
