"""The threshold that a reader moves: the matrix, the rates, another prevalence, the films."""

import streamlit as st

from core.messages.catalogue import text
from core.metrics.classification import COUNTS
from core.metrics.operating_points import CountedFilms, at_prevalence, count_at, figures_at
from core.models import ModelCard
from core.reporting.captions.evaluation import confusion_caption
from core.reporting.captions.operating import (
    elsewhere_sentence,
    films_caption,
    look_sentence,
    rates_table,
    threshold_words,
    thresholds_of,
)
from core.reporting.charts.operating import cells_chart, films_chart
from core.reporting.numbers import percent
from core.results.evaluations import Evaluation
from core.ui.evaluation.cell_films import show_cell
from core.ui.frame.address import (
    keep_in_address,
    keep_number_in_address,
    start_from_address,
    start_number_from_address,
)
from core.ui.frame.charts import CHART_CONFIG, show_chart, show_heading
from core.ui.frame.words import language, t

THRESHOLD_STATE = "threshold"
PREVALENCE_STATE = "prevalence"
CELL_STATE = "cell"
NO_CELL = "none"
CELLS = (NO_CELL, "fn", "fp", "tp", "tn")
PREVALENCE_PERCENT = 10.0


@st.fragment
def show_threshold(evaluation: Evaluation, card: ModelCard | None) -> None:
    """Draw everything that a threshold moves; it redraws alone."""
    show_heading(t("threshold.heading.threshold"))
    threshold = _choose_threshold(evaluation, card)
    counted = count_at(evaluation.predictions, threshold)
    figures = figures_at(counted)
    band = (card.review_low, card.review_high) if card else None
    operating_point = evaluation.summary["threshold"]
    show_chart(
        films_chart(evaluation.predictions, threshold, operating_point, band, language()),
        films_caption(figures, language()),
    )
    start_from_address(CELL_STATE, CELLS)
    matrix, rates = st.columns(2, gap="large")
    with matrix:
        show_heading(t("threshold.heading.matrix"))
        _draw_cells(figures["confusion"], confusion_caption(figures, language()))
    with rates:
        show_heading(t("threshold.heading.rates"))
        _show_rates(counted, figures)
    show_heading(t("threshold.heading.films"))
    cell = _choose_cell()
    if cell != NO_CELL:
        show_cell(evaluation, threshold, cell)


def _choose_threshold(evaluation: Evaluation, card: ModelCard | None) -> float:
    """Let the reader choose a threshold, at first the model's; say so where it is another."""
    operating_point = evaluation.summary["threshold"]
    marks = thresholds_of(card, operating_point)
    options, own = list(marks), f"{operating_point:.10g}"
    start_from_address(THRESHOLD_STATE, options, own)
    spoken = language()
    st.select_slider(
        t("threshold.choose"),
        options,
        format_func=lambda option: threshold_words(option, marks, spoken),
        key=THRESHOLD_STATE,
    )
    with st.container(horizontal=True):
        for option, name in marks.items():
            if name:
                label = f"{t(f'threshold.mark.{name}')} {percent(float(option), language())}"
                icon = ":material/adjust:" if option == own else ":material/person_search:"
                st.button(label, icon=icon, key=f"mark_{name}", on_click=_move_to, args=(option,))
    threshold = float(keep_in_address(THRESHOLD_STATE, options, own))
    look = look_sentence(threshold, operating_point, evaluation.dataset, language())
    place = st.container()  # there with or without a warning, so that what follows stays in place
    if look:
        place.warning(look, icon=":material/visibility:")
    return threshold


def _move_to(threshold: str) -> None:
    st.session_state[THRESHOLD_STATE] = threshold


def _draw_cells(counts: dict[str, int], caption: str) -> None:
    """Draw the matrix; a click on a cell chooses it, a click on the chosen one lets it go."""
    chosen = st.session_state[CELL_STATE]
    key = f"matrix_{chosen}"  # another chart each time, so that no old selection is left on it
    st.plotly_chart(
        cells_chart(counts, chosen, language()),
        theme="streamlit",
        config=CHART_CONFIG,
        alt=caption,
        key=key,
        on_select=lambda: _take_cell(key),
        selection_mode="points",
    )
    st.caption(caption)


def _take_cell(key: str) -> None:
    points = st.session_state[key].selection.points
    cells = [point["customdata"] for point in points if point.get("customdata")]
    cell = cells[0][0] if cells and isinstance(cells[0], list) else next(iter(cells), None)
    if cell in COUNTS:
        st.session_state[CELL_STATE] = NO_CELL if cell == st.session_state[CELL_STATE] else cell


def _show_rates(counted: CountedFilms, figures: dict[str, object]) -> None:
    """Draw the table of rates, under the prevalence that the reader sets for two of them."""
    start_number_from_address(PREVALENCE_STATE, 0, 100, PREVALENCE_PERCENT)
    st.number_input(
        t("threshold.prevalence"),
        0.0,
        100.0,
        step=1.0,
        format="%.1f",
        key=PREVALENCE_STATE,
        help=t("threshold.prevalence_help"),
        width=280,
    )
    prevalence = keep_number_in_address(PREVALENCE_STATE, PREVALENCE_PERCENT) / 100
    elsewhere = at_prevalence(counted, prevalence)
    st.table(rates_table(figures, elsewhere, prevalence, language()), border="horizontal")
    st.markdown(elsewhere_sentence(figures, prevalence, language()))
    st.caption(t("threshold.about"))


def _choose_cell() -> str:
    """Let the reader choose a cell without a pointer."""
    spoken = language()
    st.segmented_control(
        t("threshold.cell.choose"),
        CELLS,
        format_func=lambda cell: text(spoken, f"threshold.cell.{cell}"),
        required=True,
        key=CELL_STATE,
    )
    cell = keep_in_address(CELL_STATE, CELLS)
    if cell == NO_CELL:
        st.caption(t("threshold.cell.hint"))
    return cell
