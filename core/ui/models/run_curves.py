"""Learning curves of runs."""

from collections.abc import Sequence

import streamlit as st

from core.reporting.captions.runs import auroc_caption, loss_caption
from core.reporting.charts.runs import auroc_chart, loss_chart, run_marks
from core.results.runs import Run
from core.ui.frame.charts import show_chart
from core.ui.frame.words import language, t


def show_run_curves(runs: Sequence[Run], marked: Sequence[Run] | None = None) -> None:
    """Draw loss and AUROC of runs by epoch.

    Args:
        runs: At least one.
        marked: The runs among which each has its look; these if None.
    """
    marks = run_marks(marked or runs)
    left, right = st.columns(2, gap="large")
    with left:
        words = loss_caption(runs, language())
        show_chart(loss_chart(runs, marks, language()), words, t("models.heading.loss"))
    with right:
        words = auroc_caption(runs, language())
        show_chart(auroc_chart(runs, marks, language()), words, t("models.heading.auroc"))
