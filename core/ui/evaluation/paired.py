"""Two models on the same films, side by side."""

import streamlit as st

from core.metrics.paired import compare
from core.models import shipped_models
from core.reporting.captions.evaluation import has_both_classes
from core.reporting.captions.paired import auroc_sentence, paired_sentence, paired_table
from core.reporting.charts.paired import paired_roc_chart
from core.results.evaluations import Evaluation, read_evaluations
from core.ui.frame.address import keep_in_address, start_from_address
from core.ui.frame.charts import draw_chart, show_caption, show_heading, show_note
from core.ui.frame.model_names import model_title, short_title
from core.ui.frame.words import language, t

SECOND_STATE = "second"


def show_comparison(evaluation: Evaluation) -> None:
    """Draw the chosen model beside another one that has read the same films."""
    second = _choose_second(evaluation)
    if second is None:
        show_note(t("paired.alone"), "group_off")
        return
    both = (evaluation, second)
    names = [short_title(each.model) for each in both]
    thresholds = evaluation.summary["threshold"], second.summary["threshold"]
    comparison = compare(evaluation.predictions, second.predictions, thresholds)
    if comparison is None:
        st.info(t("paired.other_films", other=names[1]), icon=":material/info:")
        return
    show_heading(paired_sentence(comparison, names, language()).replace("~", r"\~"))
    left, right = st.columns(2, gap="large")
    with left:
        st.table(paired_table(comparison, language()), border="horizontal")
        with st.expander(t("paired.how"), icon=":material/help:"):
            st.markdown(t("paired.about", n=comparison.n))
    with right:
        if has_both_classes(evaluation.summary) and has_both_classes(second.summary):
            words = auroc_sentence(comparison, names, language())
            draw_chart(paired_roc_chart(both, names, language()), words)
            show_caption(words)


def _choose_second(evaluation: Evaluation) -> Evaluation | None:
    """Let the reader choose the other model; None where no other has been measured here."""
    others = {
        model: found[evaluation.dataset]
        for model in shipped_models()
        if model != evaluation.model and evaluation.dataset in (found := read_evaluations(model))
    }
    if not others:
        return None
    start_from_address(SECOND_STATE, list(others))
    st.selectbox(
        t("paired.choose"), list(others), format_func=model_title, key=SECOND_STATE, width=420
    )
    return others[keep_in_address(SECOND_STATE, list(others))]
