"""Training: the runs in progress, as the folders that they write tell them."""

import streamlit as st

from core.ui.training import show_training
from core.ui.words import t

st.title(t("training.title"))
st.markdown(t("training.lead"))
show_training()
