"""The curves of an evaluation: ROC and calibration, and two more on request."""

import streamlit as st

from core.metrics.operating_points import benefit_of
from core.reporting.captions.evaluation import chart_words, has_both_classes
from core.reporting.captions.operating import decision_caption
from core.reporting.charts.evaluation import precision_recall_chart, reliability_chart, roc_chart
from core.reporting.charts.operating import decision_chart
from core.results.evaluations import Evaluation
from core.ui.frame.charts import show_caption, show_chart
from core.ui.frame.words import language, t


def show_curves(evaluation: Evaluation) -> None:
    """Draw ROC and calibration, the others folded; say so where a class is missing."""
    films, summary, spoken = evaluation.predictions, evaluation.summary, language()
    if not has_both_classes(summary):
        st.info(t("evaluation.one_class"), icon=":material/info:")
        return
    drawn = {
        "roc": roc_chart(films, summary, spoken),
        "reliability": reliability_chart(films, spoken),
    }
    for column, (name, chart) in zip(st.columns(2, gap="large"), drawn.items(), strict=True):
        with column:
            words = chart_words(name, summary, spoken)
            show_chart(chart, words, t(f"evaluation.heading.{name}"))
    with st.expander(t("evaluation.more_curves"), icon=":material/show_chart:"):
        left, right = st.columns(2, gap="large")
        with left:
            name = "precision_recall"
            chart = precision_recall_chart(films, summary, spoken)
            show_chart(chart, chart_words(name, summary, spoken), t(f"evaluation.heading.{name}"))
        with right:
            benefit = benefit_of(films, summary["threshold"])
            words = decision_caption(benefit, spoken)
            show_chart(decision_chart(benefit, spoken), words, t("threshold.heading.decision"))
            show_caption(words)
