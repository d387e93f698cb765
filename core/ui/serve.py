"""Start the app: ``python -m core.ui.serve [OPTIONS OF STREAMLIT RUN]``.

The first page is run once before the server listens. So the first visitor waits for neither torch
nor the weights, and an address below the root works for a first visitor too: until some session
has run ``st.navigation``, Streamlit takes the folder ``pages`` for the list of pages.
"""

import sys
from pathlib import Path

from streamlit.logger import set_log_level
from streamlit.testing.v1 import AppTest
from streamlit.web import cli

from core.errors import WeightsError
from core.gate import shared_gate
from core.inference import shared_diagnostician

APP = Path(__file__).resolve().parents[2] / "app.py"
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


if __name__ == "__main__":
    print("Opening the reading room ...", flush=True)
    warm_up()
    sys.argv = ["streamlit", "run", str(APP), *sys.argv[1:]]
    cli.main()
