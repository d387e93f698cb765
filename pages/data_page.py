"""Data: what the films are, what they cannot show, and what training does to them."""

import streamlit as st

from core.data.folder import data_folder
from core.reporting.captions.films import films_sentence
from core.results.data_summary import read_summary
from core.ui.data.counts import show_caveats, show_counts, show_source
from core.ui.data.examples import show_examples, show_training_view
from core.ui.frame.charts import show_empty, show_note
from core.ui.frame.words import language, t

summary = read_summary()
root = data_folder()

st.title(t("data.title"))
st.markdown(t("data.lead"))

if summary:
    st.subheader(films_sentence(summary.facts, summary.counts, language()))
else:
    show_empty(t("data.empty.title"), t("data.empty.action"))
if root:
    show_examples(root)
else:
    show_note(t("data.empty.films"), "hide_image")
if summary:
    show_counts(summary)
    show_caveats(summary)
if root:
    show_training_view(root)
show_source(summary)
