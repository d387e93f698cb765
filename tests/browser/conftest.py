"""The app in a real server and a real headless Chromium, as a reader meets it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.data.labels import CLASSES
from core.data.samples import GALLERY_FOLDER
from tests.browser.chromium import find_chromium

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Address of the app, started as ``make run`` starts it."""
    with served() as found:
        yield found


@contextmanager
def served(**environment: str) -> Iterator[str]:
    """Address of the app while it runs, with further variables of the environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "core", "serve", "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}) as server:
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def wait_until_healthy(url: str, server: "subprocess.Popen[Any]") -> None:
    """Wait until the server answers; fail where it ends or takes too long."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if server.poll() is not None:
            pytest.fail(f"the server ended with status {server.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    pytest.fail(f"the server did not answer within {START_SECONDS} s")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; without one the tests are skipped, and fail where CI is set."""
    executable = find_chromium()
    if executable is None:
        message = "no Chromium: run .ci/browser"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[OpenPage]:
    """Opens an address below the root in a browser of its own and waits for its heading."""
    contexts = []

    def opened(path: str = "", language: str = "en-US", width: int = 1440) -> Page:
        context = browser.new_context(locale=language, viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(f"{address}/{path}")
        page.get_by_role("heading", level=1).first.wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()


def settled(page: Page) -> None:
    """Wait until the page's script has run: keys and presses in the middle of a run can be lost."""
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached(timeout=60_000)


@pytest.fixture(scope="session")
def films() -> tuple[Path, Path]:
    """A synthetic film of each class, a normal one first."""
    normal, pneumonia = (sorted((GALLERY_FOLDER / label).glob("*.png"))[0] for label in CLASSES)
    return normal, pneumonia
