"""The data page's parts that need no films: tiles, counts, brightness and source."""

import streamlit as st

from core.data.summary import DataSummary
from core.reporting.captions.films import counts_table, tiles
from core.reporting.charts.films import brightness_chart, counts_chart
from core.ui.frame.charts import show_chart
from core.ui.frame.words import language, t


def show_tiles(summary: DataSummary) -> None:
    """Four facts that limit what the data can show; what each means is its help."""
    found = tiles(summary.facts, summary.counts, language())
    for column, tile in zip(st.columns(len(found)), found, strict=True):
        column.metric(tile.label, tile.value, help=tile.meaning, border=True)


def show_counts(summary: DataSummary) -> None:
    """Draw films by split and class beside their brightness; the table of counts is folded."""
    left, right = st.columns(2, gap="large")
    with left:
        name = t("data.heading.counts")
        show_chart(counts_chart(summary.counts, language()), name, name)
    with right:
        name = t("data.heading.brightness")
        show_chart(brightness_chart(summary.brightness, language()), name, name)
    with st.expander(t("data.heading.table"), icon=":material/table:"):
        st.dataframe(counts_table(summary.counts, language()), alt=t("data.heading.table"))


def show_source(summary: DataSummary | None) -> None:
    """Say whose films these are, and under which licence; of the synthetic ones, how they came."""
    with st.expander(t("data.heading.synthetic"), icon=":material/auto_awesome:"):
        st.markdown(t("data.synthetic"))
    with st.expander(t("data.heading.citation"), icon=":material/format_quote:"):
        st.markdown(t("data.source.text"))
        if summary:
            st.caption(t("data.source.fingerprint", sha256=summary.facts["manifest_sha256"][:16]))
    st.caption(t("data.source.licence"))
