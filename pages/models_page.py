"""Models: the studies and the training runs, compared on the patients held out of training."""

import streamlit as st

from core.results.runs import read_runs
from core.results.study_table import read_study_table
from core.ui.frame.charts import show_empty
from core.ui.frame.headline import show_headline
from core.ui.frame.words import t
from core.ui.models.run_detail import show_opened_run
from core.ui.models.runs import show_runs
from core.ui.models.studies import ALL_RUNS, EARLIER, choose_study, show_earlier, show_study

table = read_study_table()
name = choose_study(table)
show_opened_run()
if name == EARLIER:
    show_earlier(table)
elif name != ALL_RUNS:
    show_study(name, table)
elif runs := read_runs():
    show_runs(runs)
else:
    show_headline(t("models.title"))
    show_empty(t("models.empty.title"), t("models.empty.action"))
    st.caption(t("models.empty.studies"))
