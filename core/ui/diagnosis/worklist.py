"""The worklist: filtered, sorted, opened by a click, downloaded as CSV."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from core.inference.worklist import Row, Sorting, Standing, agreement, csv_table
from core.inference.worklist.rows import counted
from core.reporting.captions.worklist import (
    agreement_sentence,
    agreement_table,
    standing_words,
    worklist_table,
)
from core.ui.diagnosis.progress import is_reading
from core.ui.diagnosis.session import (
    SORTING,
    STANDINGS,
    UNSEEN,
    WORDS,
    model,
    open_from_list,
    opened,
    shown_rows,
    worklist,
)
from core.ui.frame.charts import show_heading
from core.ui.frame.words import language, t
from core.ui.kept.saving import draw_save_button
from core.ui.kept.tab import guard_notes, save_notes

PICTURES, NAMES_LEAVE = "list_pictures", "list_names_leave"
_CLICKED = "list_clicked"
_REFRESH_SECONDS = 3
_ROW_PX, _PICTURE_ROW_PX, _SHOWN_ROWS = 36, 64, 10
_STYLE = """<style>
.st-key-worklist [data-testid=stElementToolbar] { display: none; }
</style>"""
"""The table's own download would take names along unasked."""


def draw_list() -> None:
    """The list, its filters, the reader's agreement and the CSV; redrawn while films are read.

    Raises:
        WeightsError: The model's weights cannot be trusted.
    """
    st.html(_STYLE)
    st.fragment(_draw_table, run_every=_REFRESH_SECONDS if is_reading() else None)()
    _draw_agreement(worklist().rows(model().card.sha256))


def _draw_table() -> None:
    if opened() is not None:  # a click in the table ran this part alone
        st.rerun()
    listed = worklist()
    with st.container(key="list_head", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"# {t('worklist.films', films=len(listed))}")
        _draw_counts(counted(listed.rows(model().card.sha256)))
        rows = shown_rows()
        if rows:
            st.button(
                t("worklist.start"),
                icon=":material/arrow_forward:",
                on_click=open_from_list,
                args=(rows[0].entry.number,),
                shortcut="Alt+N",
                key="start",
            )
        with st.popover(t("worklist.view"), key="list_view"):
            _draw_choice()
        with st.popover("CSV", key="list_csv"):
            _draw_download()
    guard_notes()
    if not rows:
        st.info(t("worklist.none_shown"), icon=":material/filter_alt_off:")
        return
    if len(rows) < len(listed):
        st.caption(t("worklist.shown", shown=len(rows), films=len(listed)))
    with st.container(key="worklist"):
        _draw_rows(rows, bool(st.session_state.get(PICTURES, True)))


def _draw_counts(counts: Mapping[Standing, int]) -> None:
    """How many films stand how; a click shows these alone."""
    st.pills(
        t("worklist.filter"),
        [standing for standing in Standing if counts[standing]],
        selection_mode="multi",
        format_func=lambda standing: f"{standing_words(standing, language())} {counts[standing]}",
        key=STANDINGS,
        persist_state="session",
        label_visibility="collapsed",
    )


def _draw_choice() -> None:
    """Words to look for, order and pictures; kept for the session."""
    st.text_input(t("worklist.words"), key=WORDS, persist_state="session", icon=":material/search:")
    st.selectbox(
        t("worklist.sort"),
        list(Sorting),
        format_func=lambda sorting: t(f"worklist.sorting.{sorting}"),
        key=SORTING,
        persist_state="session",
    )
    st.toggle(t("worklist.unseen"), key=UNSEEN, persist_state="session")
    st.toggle(t("worklist.pictures"), True, key=PICTURES, persist_state="session")


def _draw_rows(rows: Sequence[Row], with_pictures: bool) -> None:
    """The table; the button in each line carries the film's number, whatever moves meanwhile."""
    table = worklist_table(rows, language())
    height_px = _PICTURE_ROW_PX if with_pictures else _ROW_PX
    hidden = set() if with_pictures else {"picture"}
    columns = [name for name in table.columns if name not in hidden]
    st.dataframe(
        table[columns],
        hide_index=True,
        column_config=_column_config(),
        row_height=height_px,
        height=min(len(rows), _SHOWN_ROWS) * height_px + _ROW_PX + 2,
        placeholder="",
        alt=t("worklist.alt"),
        on_select="rerun",  # columns that can be chosen cannot be sorted in the browser alone,
        selection_mode="single-column",  # where "next" would not know of it
        key="list_table",
    )


def _column_config() -> dict[str, Any]:
    config = st.column_config
    label = {name: t(f"worklist.column.{name}") for name in _LABELLED}
    return {
        "open": config.ButtonColumn(
            t("worklist.column.open"),
            width=60,
            pinned=True,
            key=_CLICKED,
            on_click=_open_clicked,
            help=t("worklist.open_help"),
        ),
        "picture": config.ImageColumn(label["picture"], width=70),
        "standing": config.TextColumn(label["standing"], width=125),
        "probability": config.ProgressColumn(
            label["probability"], min_value=0, max_value=100, format="%.1f %%", width=130
        ),
        "file": config.TextColumn(label["file"], width="medium"),
        "remark": config.TextColumn(label["remark"], width="large"),
        "agreement": config.TextColumn(label["agreement"], width="small"),
        "note": config.TextColumn(label["note"], width="medium"),
        "seen": config.CheckboxColumn(label["seen"], width="small"),
    }


_LABELLED = (
    *("picture", "standing", "probability", "file", "remark", "agreement", "note", "seen"),
)


def _open_clicked() -> None:
    open_from_list(int(st.session_state[_CLICKED].label))


def _draw_agreement(rows: Sequence[Row]) -> None:
    """How far the reader agrees, once anything was said."""
    found = agreement(rows)
    if not found.judged:
        return
    show_heading(t("worklist.heading.agreement"))
    st.table(agreement_table(found, language()), border="horizontal")
    st.markdown(agreement_sentence(found, language()))
    st.caption(t("worklist.kappa_about"))


def _draw_download() -> None:
    """The list as CSV; names go along only where the reader ticks that they may."""
    with_names = st.checkbox(t("worklist.names_leave"), key=NAMES_LEAVE, persist_state="session")
    listed, sha256, words = worklist(), model().card.sha256, language()
    draw_save_button(
        t("worklist.download"),
        lambda: csv_table(listed.rows(sha256), words, with_names),
        f"worklist-{date.today():%Y-%m-%d}.csv",
        "text/csv",
        save_notes,
    )
    st.caption(t("worklist.download_about"))
