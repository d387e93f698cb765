"""The counts of this server on the About page, where its operator asked for them."""

import streamlit as st

from core.reporting.captions.day_counts import added, count_tiles, day_table, reason_table
from core.reporting.charts.day_counts import readings_chart, seconds_chart
from core.results.day_counts import KEPT_DAYS, counts_in_use
from core.ui.frame.charts import show_chart
from core.ui.frame.words import language, t

SHOWN_DAYS = 30


def draw_counts() -> None:
    """Readings, refusals, warnings, agreement and times of the last days; nothing if not asked."""
    counted = counts_in_use()
    if counted is None:
        return
    st.header(t("about.counts.title"), anchor=False)
    st.markdown(t("about.counts.text", shown=SHOWN_DAYS, kept=KEPT_DAYS))
    days = counted.last(SHOWN_DAYS)
    if counted.has_failed:
        st.warning(t("about.counts.failed"), icon=":material/warning:")
    if not days:
        st.info(t("about.counts.none"), icon=":material/info:")
        return
    together = added(days)
    tiles = count_tiles(together, language())
    for column, (name, value) in zip(st.columns(len(tiles)), tiles.items(), strict=True):
        column.metric(name, value, border=True)
    left, right = st.columns(2, gap="large")
    with left:
        name = t("about.counts.a_day")
        show_chart(readings_chart(days, language()), name, name)
    with right:
        name = t("about.counts.time")
        show_chart(seconds_chart(together, language()), name, name)
    st.dataframe(day_table(days, language()), hide_index=True, alt=t("about.counts.a_day"))
    with st.expander(t("about.counts.reasons"), icon=":material/list:"):
        reasons = reason_table(together, language())
        st.dataframe(reasons, hide_index=True, alt=t("about.counts.reasons"))
