"""The server of the app, started as ``python -m core serve`` does.

The first page is run once before the server listens. So the first visitor waits for neither torch
nor the weights, and an address below the root works for a first visitor too: until some session
has run ``st.navigation``, Streamlit takes the folder ``pages`` for the list of pages.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from streamlit.logger import set_log_level
from streamlit.testing.v1 import AppTest
from streamlit.web import cli

from core.inference.gate import shared_gate
from core.inference.model import shared_diagnostician
from core.messages.errors import WeightsError

APP = Path(__file__).resolve().parents[3] / "app.py"
PAGE_SECONDS = 120


def warm_up() -> None:
    """Run the first page, load gate and default model; broken weights are for the page to tell."""
    set_log_level("error")  # it remarks on a page that runs without a browser
    AppTest.from_file(str(APP), default_timeout=PAGE_SECONDS).run()
    try:
        shared_gate()
        shared_diagnostician()
    except WeightsError as error:
        print(f"warning: {error}", file=sys.stderr)


def serve(options: Sequence[str]) -> None:
    """Warm up, then serve until the process ends.

    Args:
        options: Options of ``streamlit run``.
    """
    print("Opening the reading room ...", flush=True)
    warm_up()
    sys.argv = ["streamlit", "run", str(APP), *options]
    cli.main()
