"""About: what the room is for and not for, its limits, models, test looks and licences."""

import streamlit as st

from core.archive.settings import is_configured
from core.ui.about.cards import draw_models, draw_test_looks
from core.ui.about.counts import draw_counts
from core.ui.frame.headline import show_headline
from core.ui.frame.words import t

show_headline(t("about.title"))
for column, part in zip(st.columns(2, gap="large"), ("use", "not_use"), strict=True):
    with column:
        st.header(t(f"about.{part}.title"), anchor=False)
        st.markdown(t(f"about.{part}.text"))
st.header(t("about.limits.title"), anchor=False)
st.markdown(t("about.limits.text"))
st.header(t("about.models.title"), anchor=False)
draw_models()
draw_test_looks()
draw_counts()
st.header(t("about.licence.title"), anchor=False)
st.markdown(t("about.licence.text"))
if is_configured():
    st.markdown(t("archive.exception"))
