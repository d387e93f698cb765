"""Data: what the films are, what they cannot show, and what training does to them."""

import streamlit as st

from core.data.folder import data_folder
from core.reporting.captions.films import films_sentence
from core.results.data_summary import read_summary
from core.ui.data.counts import show_counts, show_source, show_tiles
from core.ui.data.examples import show_examples, show_training_view
from core.ui.frame.charts import show_empty
from core.ui.frame.headline import show_headline
from core.ui.frame.words import language, t

summary = read_summary()
root = data_folder()

if summary:
    show_headline(films_sentence(summary.facts, summary.counts, language()))
    st.caption(t("data.lead"))
    show_tiles(summary)
else:
    show_headline(t("data.title"))
    show_empty(t("data.empty.title"), t("data.empty.action"))
if root:
    show_examples(root)
if summary:
    show_counts(summary)
if root:
    show_training_view(root)
show_source(summary)
