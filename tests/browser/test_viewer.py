"""The film viewer in a real browser: what is drawn is read back from its canvases."""

import time
from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from core.imaging import Preset, Window, preset_windows, read_film_file
from core.messages.catalogue import text
from tests.browser.conftest import OpenPage
from tests.browser.test_reading_room import FILM, OVERLAY, beside, box, upload

pytestmark = pytest.mark.browser

LONGEST_SECONDS = 30


def picture(canvas: Locator) -> np.ndarray:
    """What a canvas shows: (height, width, 3), uint8."""
    png = canvas.evaluate("canvas => canvas.toDataURL()").split(",")[1]
    return np.asarray(Image.open(BytesIO(b64decode(png))).convert("RGB"))


def until(canvas: Locator, holds: Callable[[np.ndarray], bool]) -> np.ndarray:
    """The first picture for which something holds."""
    end = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < end:
        seen = picture(canvas)
        if holds(seen):
            return seen
        time.sleep(0.1)
    raise AssertionError("the canvas never showed what was waited for")


def shows(
    film: Path, window: Window, inverted: bool = False, turns: int = 0
) -> Callable[[np.ndarray], bool]:
    """Whether a canvas shows a whole film through a window, in its middle and on black."""
    pixels = np.rot90(read_film_file(film).pixels, turns)
    shares = np.clip((pixels - window.low_01) / (window.high_01 - window.low_01), 0, 1)
    greys = Image.fromarray((255 * (1 - shares if inverted else shares)).astype(np.uint8))

    def holds(seen: np.ndarray) -> bool:
        rows, columns = seen.shape[:2]
        scale = min(columns / greys.width, rows / greys.height)
        width, height = round(greys.width * scale), round(greys.height * scale)
        left, top = (columns - width) // 2, (rows - height) // 2
        part = seen[top : top + height, left : left + width].mean(2)
        expected = np.asarray(greys.resize((width, height)), float)
        return float(np.abs(part - expected).mean()) < 5

    return holds


def tool(page: Page, name: str) -> Locator:
    """A tool beside the film."""
    return page.locator(".st-key-viewer").get_by_role("button", name=text("en", f"viewer.{name}"))


def choose(page: Page, button: str) -> None:
    """Choose something in the window's box, and close the box."""
    tool(page, "window").click()
    page.locator(".st-key-viewer").get_by_role("button", name=button, exact=True).click()
    page.keyboard.press("Escape")


def no_heat(page: Page) -> None:
    """Draw the film alone: neither heat nor outline."""
    tool(page, "heat").click()
    tool(page, "lungs").click()


@pytest.fixture
def page(open_page: OpenPage, films: tuple[Path, Path]) -> Page:
    opened = open_page()
    upload(opened, films[1])
    beside(opened)
    return opened


def test_window_and_level_change_the_pixels_and_not_the_verdict(
    page: Page, films: tuple[Path, Path]
) -> None:
    film, told = page.locator(FILM), page.locator(".st-key-verdict [data-testid=stMarkdown]")
    verdict = told.all_inner_texts()
    until(film, shows(films[1], Window(50, 100)))
    lung = preset_windows(read_film_file(films[1]).pixels)[Preset.LUNG]
    choose(page, "Lung")
    until(film, shows(films[1], lung))
    tool(page, "invert").click()
    until(film, shows(films[1], lung, inverted=True))
    expect(page.locator("[data-panel=film] figcaption")).to_contain_text("greys inverted")
    assert told.all_inner_texts() == verdict != []


def test_heat_is_drawn_as_chosen_and_the_film_beside_it_stays(
    page: Page, films: tuple[Path, Path]
) -> None:
    film, overlay = page.locator(FILM), page.locator(OVERLAY)
    before = until(film, shows(films[1], Window(50, 100)))
    warm = until(overlay, lambda seen: bool((seen.max(2) - seen.min(2) > 20).any()))
    choose(page, "Viridis")
    until(overlay, lambda seen: not np.array_equal(seen, warm))
    tool(page, "lungs").click()
    page.locator(".opacity").focus()
    page.keyboard.press("Home")
    until(overlay, lambda seen: np.array_equal(seen, before))
    assert np.array_equal(picture(film), before)
    tool(page, "lines").click()
    until(overlay, lambda seen: bool((seen.max(2) - seen.min(2) > 20).any()))


def test_holding_h_lifts_the_heat_and_letting_go_brings_it_back(page: Page) -> None:
    film, overlay = page.locator(FILM), page.locator(OVERLAY)
    warm = until(overlay, lambda seen: bool((seen.max(2) - seen.min(2) > 20).any()))
    page.keyboard.down("h")
    until(overlay, lambda seen: np.array_equal(seen, picture(film)))
    page.keyboard.up("h")
    until(overlay, lambda seen: np.array_equal(seen, warm))


def test_the_keyboard_comes_to_the_film_within_five_steps(
    open_page: OpenPage, films: tuple[Path, Path]
) -> None:
    page = open_page()
    upload(page, films[1])
    expect(page.locator(OVERLAY)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    focused = "document.activeElement.shadowRoot?.activeElement ?? document.activeElement"
    assert page.evaluate(f"({focused}).tagName") == "CANVAS"


def test_zoom_is_linked_outlives_a_new_window_and_starts_anew_with_another_film(
    page: Page, films: tuple[Path, Path]
) -> None:
    film, overlay = page.locator(FILM), page.locator(OVERLAY)
    no_heat(page)  # the overlay then shows the film
    whole = until(film, shows(films[1], Window(50, 100)))
    until(overlay, lambda seen: np.array_equal(seen, whole))

    place = box(film)
    page.mouse.move(place["x"] + place["width"] / 4, place["y"] + place["height"] / 4)
    page.mouse.wheel(0, -500)
    near = until(film, lambda seen: not np.array_equal(seen, whole))
    until(overlay, lambda seen: np.array_equal(seen, near))
    choose(page, "Hard")
    until(film, lambda seen: not np.array_equal(seen, near))
    choose(page, "Full range")
    until(film, lambda seen: np.array_equal(seen, near))

    overlay.focus()
    page.keyboard.press("ArrowRight")
    moved = until(overlay, lambda seen: not np.array_equal(seen, near))
    until(film, lambda seen: np.array_equal(seen, moved))
    film.dblclick()
    until(overlay, lambda seen: np.array_equal(seen, whole))
    page.keyboard.press("+")
    until(film, lambda seen: not np.array_equal(seen, whole))
    upload(page, films[0])
    until(film, shows(films[0], Window(50, 100)))


def test_a_turned_film_is_read_anew(page: Page, films: tuple[Path, Path]) -> None:
    film = page.locator(FILM)
    until(film, shows(films[1], Window(50, 100)))
    page.get_by_role("button", name=text("en", "diagnosis.more"), exact=True).click()
    page.get_by_role("button", name="90° to the right").click()
    verdict = page.locator(".st-key-verdict")
    expect(verdict).to_contain_text(text("en", "brief.viewer.notice.turned_1"))
    until(film, shows(films[1], Window(50, 100), turns=-1))
