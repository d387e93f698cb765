"""The film is the hero: its size, its peace, and what stands beside it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.messages.catalogue import text
from tests.browser.conftest import OpenPage, settled
from tests.browser.test_reading_room import OVERLAY, box, upload

pytestmark = pytest.mark.browser

expect.set_options(timeout=60_000)

MOST_WORDS = 60
SETTLED_MS = 2000
BESIDE = (".st-key-verdict", ".st-key-beside", ".st-key-intake")
SHIFTS = """() => { window.tops = new Set();
const look = () => {
  const stage = document.querySelector(".st-key-stage");
  if (stage) { const { x, y } = stage.getBoundingClientRect(); window.tops.add(`${x} ${y}`); }
  requestAnimationFrame(look);
}; look(); }"""


def words_beside(page: Page) -> list[str]:
    """What is to be read beside the film; names of icons are no words."""
    told = " ".join(page.locator(place).inner_text() for place in BESIDE)
    icons = page.locator("[data-testid=stIconMaterial]").all_inner_texts()
    return [word for word in told.split() if word not in icons and re.search(r"\w", word)]


def test_at_1440_by_900_the_film_is_700_high_and_nothing_needs_scrolling(
    open_page: OpenPage, films: tuple[Path, Path]
) -> None:
    page = open_page()
    verdict = upload(page, films[1])
    expect(page.locator(".st-key-not_device")).to_be_visible()
    expect(page.locator(".st-key-beside")).to_have_count(1)
    page.wait_for_timeout(SETTLED_MS)
    film = box(page.locator(OVERLAY))
    assert film["height"] >= 700
    assert film["y"] + film["height"] <= 900
    assert box(verdict)["width"] == pytest.approx(320, abs=1)
    scrolled = "document.querySelector('[data-testid=stMain]')"
    assert page.evaluate(f"{scrolled}.scrollHeight - {scrolled}.clientHeight") <= 1


def test_the_stage_stays_where_it_is_while_a_film_is_read(
    open_page: OpenPage, films: tuple[Path, Path]
) -> None:
    page = open_page()
    page.evaluate(SHIFTS)
    upload(page, films[0])
    expect(page.locator(".st-key-not_device")).to_be_visible()
    upload(page, films[1])
    assert len(page.evaluate("[...window.tops]")) == 1


def test_at_most_sixty_words_stand_beside_the_film(
    open_page: OpenPage, films: tuple[Path, Path]
) -> None:
    page = open_page()
    for film in films:
        upload(page, film)
        expect(page.locator(".st-key-not_device")).to_be_visible()
        said = text("en", "worklist.agreement.agree")
        agree = page.get_by_role("radio", name=said, exact=True)
        expect(agree).to_have_count(1)  # that of the film before is gone
        assert 20 < len(words_beside(page)) <= MOST_WORDS


def test_a_strip_shows_all_films_and_keys_go_from_one_to_the_next(
    open_page: OpenPage, films: tuple[Path, Path]
) -> None:
    page = open_page()
    page.set_input_files("input[type=file]", list(films))
    strip = page.locator(".st-key-strip [role=option]")
    expect(strip).to_have_count(2)
    expect(page.locator(".st-key-strip .waiting")).to_have_count(0)
    assert box(page.locator(OVERLAY))["height"] >= 700
    shown = page.locator(".st-key-viewer .viewer")
    closed = page.locator(".st-key-strip [role=option][aria-selected=false]")
    number = closed.get_attribute("data-number")
    first = shown.get_attribute("data-film")
    assert first
    closed.click()
    expect(shown).not_to_have_attribute("data-film", first)
    opened = page.locator(f".st-key-strip [data-number='{number}']")
    expect(opened).to_have_attribute("aria-selected", "true")
    settled(page)
    is_first = strip.first.get_attribute("data-number") == number
    page.keyboard.press("Alt+n" if is_first else "Alt+p")
    expect(shown).to_have_attribute("data-film", first)
    assert len(words_beside(page)) <= MOST_WORDS + 10, "and a warning of ten words"


@pytest.mark.parametrize("button", ["diagnosis.details", "second_look.title"])
def test_a_drawer_opens_at_the_right_with_the_film_in_view(
    open_page: OpenPage, films: tuple[Path, Path], button: str
) -> None:
    page = open_page()
    upload(page, films[1])
    page.get_by_role("button", name=text("en", button)).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(1000)  # it slides in
    drawer, film = box(page.get_by_role("dialog")), box(page.locator(OVERLAY))
    assert drawer["x"] >= 1440 / 2
    assert film["x"] + film["width"] <= drawer["x"], "the whole film stays in view"
    assert film["width"] >= 500
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_who_reads_first_sees_the_verdict_after_their_own(
    open_page: OpenPage, films: tuple[Path, Path]
) -> None:
    page = open_page()
    page.get_by_text(text("en", "read_first.mode"), exact=True).click()
    page.set_input_files("input[type=file]", films[1])
    expect(page.get_by_role("heading", name=text("en", "read_first.question"))).to_be_visible()
    expect(page.locator(OVERLAY)).to_be_visible()
    expect(page.locator(".gauge")).to_have_count(0)
    expect(page.locator(".tools.without-heat")).to_have_count(1)
    page.locator("body").press("3")
    expect(page.locator(".gauge")).to_be_visible()
    expect(page.locator(".tools.without-heat")).to_have_count(0)
    expect(page.locator(".st-key-beside")).to_contain_text("You said")


def test_the_uploader_is_called_what_it_shows(open_page: OpenPage) -> None:
    page = open_page()
    name = text("en", "worklist.choose_files")
    expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
