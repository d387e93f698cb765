"""The data page's parts that need no films: counts, brightness, caveats and source."""

import streamlit as st

from core.data.summary import DataSummary
from core.reporting.captions.films import brightness_caption, caveats, counts_caption, counts_table
from core.reporting.charts.films import brightness_chart, counts_chart
from core.ui.frame.charts import show_chart, show_heading
from core.ui.frame.words import language, t


def show_counts(summary: DataSummary) -> None:
    """Draw films by split and class beside their brightness, and the table of counts."""
    left, right = st.columns(2, gap="large")
    with left:
        show_chart(
            counts_chart(summary.counts, language()),
            counts_caption(summary.counts, language()),
            t("data.heading.counts"),
        )
    with right:
        show_chart(
            brightness_chart(summary.brightness, language()),
            brightness_caption(summary.brightness, language()),
            t("data.heading.brightness"),
        )
    with st.expander(t("data.heading.table"), icon=":material/table:"):
        st.dataframe(counts_table(summary.counts, language()), alt=t("data.heading.table"))


def show_caveats(summary: DataSummary) -> None:
    """List what the data do not show."""
    show_heading(t("data.heading.caveats"))
    st.markdown(caveats(summary.facts, summary.counts, language()))


def show_source(summary: DataSummary | None) -> None:
    """Say whose films these are, and under which licence."""
    show_heading(t("data.heading.source"))
    st.markdown(t("data.source.text"))
    st.markdown(t("data.source.licence"))
    if summary:
        st.caption(t("data.source.fingerprint", sha256=summary.facts["manifest_sha256"][:16]))
