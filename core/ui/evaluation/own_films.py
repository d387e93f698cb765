"""A hospital's own films: the site profile in use, or how to make one."""

import streamlit as st

from core.messages.errors import SiteError
from core.models.site import SiteProfile, parse_profile, profile_in_use
from core.reporting.captions.commission import (
    calibration_words,
    curve_words,
    drift_table,
    groups_table,
    headline_table,
    headline_words,
    needed_words,
    settings_words,
    stopped_words,
)
from core.reporting.charts.commission import site_reliability_chart, width_chart
from core.ui.frame.charts import show_caption, show_chart, show_heading, show_note
from core.ui.frame.words import language, show_error, t

_COMMAND = """python -m core commission FOLDER LABELS.csv --site "NAME"
READING_ROOM_SITE=site_profile.json make run"""


def show_own_films() -> None:
    """Show the profile in use; without one, how to make one, and any profile that is dropped."""
    try:
        profile = profile_in_use()
        if profile:
            show_note(t("commission.in_use", model=profile.model), "check_circle")
            _show_profile(profile)
            return
        st.markdown(t("commission.how"))
        st.code(_COMMAND, language="bash", wrap_lines=True)
        with st.expander(t("commission.show"), icon=":material/upload_file:"):
            dropped = st.file_uploader(
                t("commission.show"), type="json", label_visibility="collapsed", key="profile"
            )
        if dropped:
            _show_profile(parse_profile(dropped.getvalue(), dropped.name))
            show_note(t("commission.shown_only"), "info")
    except SiteError as error:
        show_error(error)


def _show_profile(profile: SiteProfile) -> None:
    spoken = language()
    show_heading(headline_words(profile, spoken))
    st.table(headline_table(profile, spoken), border="horizontal")
    show_caption(stopped_words(profile, spoken))
    left, right = st.columns(2, gap="large")
    with left:
        chart = site_reliability_chart(profile, spoken)
        words = calibration_words(profile, spoken)
        show_chart(chart, words, t("commission.heading.calibration"))
    with right:
        chart = width_chart(profile, spoken)
        show_chart(chart, curve_words(profile, spoken), t("commission.heading.curve"))
        show_caption(needed_words(profile, spoken))
    with st.expander(t("commission.details"), icon=":material/table:"):
        for table in (groups_table(profile, spoken), drift_table(profile, spoken)):
            if len(table):
                st.table(table, border="horizontal")
        show_caption(t("commission.about"))
        show_caption(settings_words(profile, spoken))
