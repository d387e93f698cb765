"""The probability of a film on a gauge of three zones: normal, review, pneumonia."""

from html import escape

import streamlit as st

from core.inference.diagnosis import Diagnosis
from core.reporting.captions.verdict import probability_words, review_words
from core.ui.frame.words import language, t

_GAUGE = """<div class="gauge" role="img" aria-label="{told}">
<div class="zones"><i class="normal" style="width:{low}%"></i>
<i class="review" style="width:{band}%"></i><i class="pneumonia"></i>
<b style="left:{tick}%"></b></div>
<div class="zone-names" aria-hidden="true"><span>{normal}</span><span>{review}</span>
<span>{pneumonia}</span></div></div>"""


def draw_gauge(diagnosis: Diagnosis) -> None:
    """The zones with a tick at the film's probability; who cannot see it hears the same."""
    low, high = (100 * edge for edge in diagnosis.review)
    words = {name: escape(t(f"diagnosis.zone.{name}")) for name in ("normal", "pneumonia")}
    review = review_words(diagnosis.review, language())
    percent = probability_words(diagnosis.probability, language())
    told = f"{t('diagnosis.probability', percent=percent)}; {review}"
    st.html(
        _GAUGE.format(
            told=escape(told),
            low=f"{low:.2f}",
            band=f"{high - low:.2f}",
            tick=f"{100 * diagnosis.probability:.2f}",
            review=escape(review),
            **words,
        )
    )
