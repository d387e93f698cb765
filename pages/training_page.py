"""Training: the runs in progress, read from their folders."""

import streamlit as st

from core.ui.frame.words import t
from core.ui.training.runs import show_training

st.title(t("training.title"))
st.markdown(t("training.lead"))
show_training()
