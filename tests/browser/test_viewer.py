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

from core.imaging import Preset, Window, preset_window, read_film_file
from core.messages.catalogue import text
from tests.browser.conftest import OpenPage
from tests.browser.test_reading_room import FILM, OVERLAY, box, upload

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


def mean_grey(film: Path, window: Window) -> float:
    """Of the whole film through a window, 0 to 255."""
    pixels = read_film_file(film).pixels
    shares = (pixels - window.low_01) / (window.high_01 - window.low_01)
    return float(255 * np.clip(shares, 0, 1).mean())


def is_grey(mean: float) -> Callable[[np.ndarray], bool]:
    return lambda seen: abs(float(seen.mean()) - mean) < 3


def open_box(page: Page, name: str) -> None:
    """Open a tool's box."""
    page.locator(".st-key-tools").get_by_role("button", name=name).click()


def choose(page: Page, box_name: str, button: str) -> None:
    """Choose something in a tool's box, and close the box."""
    open_box(page, box_name)
    page.get_by_text(button, exact=True).click()
    page.keyboard.press("Escape")


@pytest.fixture
def page(open_page: OpenPage, films: tuple[Path, Path]) -> Page:
    opened = open_page()
    upload(opened, films[1])
    return opened


def test_window_and_level_change_the_pixels_and_not_the_verdict(
    page: Page, films: tuple[Path, Path]
) -> None:
    film, told = page.locator(FILM), page.locator(".st-key-verdict [data-testid=stMarkdown]")
    verdict = told.all_inner_texts()
    until(film, is_grey(mean_grey(films[1], Window(50, 100))))
    lung = preset_window(read_film_file(films[1]).pixels, Preset.LUNG)
    expected = mean_grey(films[1], lung)
    choose(page, "Window", "Lung")
    until(film, is_grey(expected))
    choose(page, "Window", "Invert greys")
    until(film, is_grey(255 - expected))
    expect(page.locator("[data-panel=film] figcaption")).to_contain_text("greys inverted")
    assert told.all_inner_texts() == verdict != []


def test_heat_is_drawn_as_chosen_and_the_film_beside_it_stays(
    page: Page, films: tuple[Path, Path]
) -> None:
    film, overlay = page.locator(FILM), page.locator(OVERLAY)
    before = until(film, is_grey(mean_grey(films[1], Window(50, 100))))
    warm = until(overlay, lambda seen: bool((seen.max(2) - seen.min(2) > 20).any()))
    choose(page, "Heatmap", "Viridis")
    until(overlay, lambda seen: not np.array_equal(seen, warm))
    open_box(page, "Heatmap")
    page.locator(".st-key-opacity").get_by_role("slider").focus()
    page.keyboard.press("Home")
    until(overlay, lambda seen: np.array_equal(seen, before))
    assert np.array_equal(picture(film), before)
    page.keyboard.press("Escape")
    page.get_by_role("radio", name="Contour").click()
    contour = page.locator("[data-panel=contour] canvas")
    until(contour, lambda seen: bool((seen.max(2) - seen.min(2) > 20).any()))


def test_zoom_is_linked_outlives_a_new_window_and_starts_anew_with_another_film(
    page: Page, films: tuple[Path, Path]
) -> None:
    film, overlay = page.locator(FILM), page.locator(OVERLAY)
    open_box(page, "Heatmap")
    page.locator(".st-key-opacity").get_by_role("slider").focus()
    page.keyboard.press("Home")  # with no heat over it the overlay shows the film
    page.keyboard.press("Escape")
    whole = until(film, is_grey(mean_grey(films[1], Window(50, 100))))
    until(overlay, lambda seen: np.array_equal(seen, whole))

    place = box(film)
    page.mouse.move(place["x"] + place["width"] / 4, place["y"] + place["height"] / 4)
    page.mouse.wheel(0, -500)
    near = until(film, lambda seen: not np.array_equal(seen, whole))
    until(overlay, lambda seen: np.array_equal(seen, near))
    choose(page, "Window", "Hard")
    until(film, lambda seen: not np.array_equal(seen, near))
    choose(page, "Window", "Full range")
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
    until(film, is_grey(mean_grey(films[0], Window(50, 100))))


def test_a_turned_film_is_read_anew(page: Page, films: tuple[Path, Path]) -> None:
    film = page.locator(FILM)
    whole = until(film, is_grey(mean_grey(films[1], Window(50, 100))))
    open_box(page, "Turn")
    page.get_by_role("button", name="90° to the right").click()
    verdict = page.locator(".st-key-verdict")
    expect(verdict).to_contain_text(text("en", "viewer.notice.turned_1"))
    expect(verdict).to_contain_text(text("en", "viewer.orientation.turned_1"))
    right = Image.fromarray(np.rot90(whole, -1))

    def is_turned(seen: np.ndarray) -> bool:
        sized = np.asarray(right.resize(seen.shape[1::-1]), float)
        return float(np.abs(sized - seen).mean()) < 5

    until(film, is_turned)
