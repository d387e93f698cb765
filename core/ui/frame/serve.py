"""The server of the app, started as ``python -m core serve`` does.

It asks nothing and needs no terminal. The first page is run once before the server listens. So the
first visitor waits for neither torch nor the weights, and an address below the root works for a
first visitor too: until some session has run ``st.navigation``, Streamlit takes the folder
``pages`` for the list of pages.
"""

import gc
import os
import signal
import sys
import time
import webbrowser
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from threading import Thread

import streamlit as st
from streamlit.logger import set_log_level
from streamlit.runtime import Runtime, RuntimeState
from streamlit.testing.v1 import AppTest
from streamlit.web import cli
from streamlit.web.server.server_util import get_display_address, get_url

APP = Path(__file__).resolve().parents[3] / "app.py"
PAGE_SECONDS = 120


def warm_up() -> None:
    """Run the first page, load gate and default model; broken weights are for the page to tell."""
    # Imported here, for torch takes seconds: something is printed before, and Ctrl-C stays quiet.
    from core.inference.gate import shared_gate
    from core.inference.model import shared_diagnostician
    from core.messages.errors import WeightsError

    set_log_level("error")  # it remarks on a page that runs without a browser
    page = AppTest.from_file(str(APP), default_timeout=PAGE_SECONDS)
    page.user["is_logged_in"] = True  # where there is a login, the first page stands behind it
    page.run()
    try:
        shared_gate()
        shared_diagnostician()
    except WeightsError as error:
        print(f"warning: {error}", file=sys.stderr)


def spare_collector() -> None:
    """Let the garbage collector pass over what is loaded now.

    Streamlit collects all of it after every run of a page, which takes longer than the page.
    """
    gc.collect()
    gc.freeze()


def has_display() -> bool:
    """Whether a browser window can be opened on this machine."""
    return sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )


def announce(opens_browser: bool) -> None:
    """Print the app's address once the server listens, open the browser, and load the rest."""
    while not Runtime.exists() or Runtime.instance().state is RuntimeState.INITIAL:
        time.sleep(0.1)
    address = get_url(get_display_address(st.get_option("server.address") or "localhost"))
    print(f"The reading room is open at {address} (Ctrl-C stops it)", flush=True)
    if opens_browser:
        webbrowser.open(address)
    import_module("pandas")  # no page without a film needs it, and the first verdict does not wait


def serve(options: Sequence[str]) -> None:
    """Warm up, then serve the app until SIGTERM or Ctrl-C.

    Args:
        options: Of ``streamlit run``. With ``--server.headless`` among them Streamlit alone
            decides whether a browser opens.
    """
    if sys.stdin is None:  # closed: no socket may take its number and be read as input
        os.open(os.devnull, os.O_RDONLY)
    print("Opening the reading room ...", flush=True)
    warm_up()
    is_told = any(option.startswith("--server.headless") for option in options)
    spare_collector()
    Thread(target=announce, args=(has_display() and not is_told,), daemon=True).start()
    for stop in (signal.SIGINT, signal.SIGTERM):  # the server closes, then raises its signal again
        signal.signal(stop, lambda *_: sys.exit(0))
    sys.argv = ["streamlit", "run", str(APP), *options]
    cli.main()
