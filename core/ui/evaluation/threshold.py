"""What a threshold moves: the what-if, the confusion matrix, and the errors as pictures."""

import streamlit as st

from core.messages.catalogue import text
from core.metrics.classification import COUNTS
from core.metrics.operating_points import count_at, figures_at
from core.models import ModelCard
from core.reporting.captions.evaluation import confusion_caption
from core.reporting.captions.operating import rates_table
from core.reporting.charts.operating import cells_chart
from core.results.evaluations import Evaluation
from core.ui.evaluation.cell_films import show_cell
from core.ui.evaluation.what_if import draw_what_if
from core.ui.frame.address import keep_in_address, start_from_address
from core.ui.frame.charts import draw_chart, show_heading
from core.ui.frame.words import language, t

CELL_STATE = "cell"
CELLS = ("fn", "fp", "tp", "tn")


@st.fragment
def show_threshold(evaluation: Evaluation, card: ModelCard | None) -> None:
    """Draw everything that a threshold moves; it redraws alone."""
    threshold = draw_what_if(evaluation, card)
    figures = figures_at(count_at(evaluation.predictions, threshold))
    start_from_address(CELL_STATE, CELLS)
    matrix, films = st.columns([2, 3], gap="large")
    with matrix:
        show_heading(t("threshold.heading.matrix"))
        _draw_cells(figures["confusion"], confusion_caption(figures, language()))
        with st.expander(t("threshold.heading.rates"), icon=":material/percent:"):
            st.table(rates_table(figures, language()), border="horizontal")
            st.caption(t("threshold.about"))
    with films:
        show_heading(t("threshold.heading.films"))
        show_cell(evaluation, threshold, _choose_cell(figures["confusion"]))


def _draw_cells(counts: dict[str, int], caption: str) -> None:
    """Draw the matrix; a click on a cell chooses it."""
    chosen = st.session_state[CELL_STATE]
    key = f"matrix_{chosen}"  # another chart each time, so that no old selection is left on it
    draw_chart(
        cells_chart(counts, chosen, language()),
        caption,
        key=key,
        on_select=lambda: _take_cell(key),
        selection_mode="points",
    )


def _take_cell(key: str) -> None:
    points = st.session_state[key].selection.points
    cells = [point["customdata"] for point in points if point.get("customdata")]
    cell = cells[0][0] if cells and isinstance(cells[0], list) else next(iter(cells), None)
    if cell in COUNTS:
        st.session_state[CELL_STATE] = cell


def _choose_cell(counts: dict[str, int]) -> str:
    """Let the reader choose a cell without a pointer."""
    spoken = language()
    st.segmented_control(
        t("threshold.cell.choose"),
        CELLS,
        format_func=lambda cell: f"{text(spoken, f'threshold.cell.{cell}')} {counts[cell]:,}",
        required=True,
        key=CELL_STATE,
        label_visibility="collapsed",
    )
    return keep_in_address(CELL_STATE, CELLS)
