"""About: intended use, data, models, limits, test looks, licences."""

import streamlit as st

from core.ui.about.cards import draw_models, draw_test_looks
from core.ui.frame.words import t

st.title(t("about.title"))
for part in ("use", "not_use", "data", "synthetic", "limits"):
    st.subheader(t(f"about.{part}.title"))
    st.markdown(t(f"about.{part}.text"))
st.subheader(t("about.models.title"))
draw_models()
st.subheader(t("about.looks.title"))
draw_test_looks()
st.subheader(t("about.licence.title"))
st.markdown(t("about.licence.text"))
