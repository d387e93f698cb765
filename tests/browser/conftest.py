"""The app in a real server and a real headless Chromium, as a reader meets it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.data.labels import CLASSES
from core.data.samples import GALLERY_FOLDER
from tests.browser.chromium import FLAGS, needed_chromium
from tests.support.served import serving

ROOT = Path(__file__).resolve().parents[2]
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Address of the app, started as ``make run`` starts it."""
    with served() as found:
        yield found


@contextmanager
def served(**environment: str) -> Iterator[str]:
    """Address of the app while it runs, with further variables of the environment."""
    way = ("-m", "core", "serve", "--server.address", "127.0.0.1")
    with serving(way, **environment) as (port, _):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium; without one the tests are skipped, and fail where CI is set."""
    executable = needed_chromium()
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
        settled(page)
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
