"""Models: the studies and the training runs, compared on the patients held out of training."""

import streamlit as st

from core.reporting.captions.runs import (
    runs_sentence,
    runs_table,
    seeds_sentence,
    unconverged_sentence,
)
from core.results.runs import read_runs
from core.results.study_table import read_study_table
from core.ui.frame.charts import show_empty, show_heading, show_note
from core.ui.frame.words import language, t
from core.ui.models.run_detail import show_opened_run
from core.ui.models.run_table import show_run_table
from core.ui.models.runs import show_comparison, show_learning_curves
from core.ui.models.studies import choose_study, show_study

st.title(t("models.title"))

table = read_study_table()
study = choose_study(table)
show_opened_run()
runs = read_runs() if study is None else ()

if study:
    show_study(study, table)
elif runs:
    st.markdown(t("models.lead"))
    st.subheader(runs_sentence(runs, language()))
    show_note(seeds_sentence(runs, language()), "casino")
    unconverged = unconverged_sentence(runs, language())
    if unconverged:
        show_note(unconverged, "hourglass_bottom")
    show_comparison(runs)
    show_learning_curves(runs)
    show_heading(t("models.heading.table"))
    show_run_table(runs_table(runs))
else:
    show_empty(t("models.empty.title"), t("models.empty.action"))
