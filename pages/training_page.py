"""Training: the runs in progress, as the folders that they write tell them."""

import streamlit as st

from core.ui.frame.words import t
from core.ui.training.runs import show_training

st.title(t("training.title"))
st.markdown(t("training.lead"))
show_training()
