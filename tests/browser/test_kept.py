"""A reload loses nothing, another tab sees nothing, and leaving with an unsaved note asks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from core.messages.catalogue import text
from tests.browser.conftest import settled
from tests.support.phantoms import chest_phantom

pytestmark = pytest.mark.browser

expect.set_options(timeout=60_000)

PATIENCE_MS = 180_000
SEND_MS = 4000
"""After the last letter of a note, for a slow machine; the browser sends it after 50 ms."""

FILMS = 3
LIST = ".st-key-worklist"


def note_of(page: Page) -> Locator:
    """The note of the film on the page, its box opened."""
    note = page.get_by_role("textbox", name=text("en", "worklist.note"))
    if not note.count():
        page.locator("[class*=st-key-note_box] button").first.click()
    return note


def write_note(page: Page, words: str) -> None:
    """Write to the end of the note, and wait until it was sent."""
    note_of(page).press_sequentially(words, delay=40)
    page.wait_for_timeout(SEND_MS)
    page.keyboard.press("Escape")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-US", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    made = [tmp_path / f"film-{seed}.png" for seed in range(FILMS)]
    for seed, film in enumerate(made):
        Image.fromarray(chest_phantom(300, 280, seed)).save(film)
    return made


@pytest.fixture
def room(context: BrowserContext, address: str, files: list[Path]) -> Page:
    """A tab whose first film of three has a note."""
    page = context.new_page()
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for()
    page.set_input_files("input[type=file]", files)
    expect(page.locator(".st-key-place")).to_contain_text(f"of {FILMS}", timeout=PATIENCE_MS)
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=PATIENCE_MS)
    write_note(page, "faint")
    return page


def asked_when(page: Page, leave: Callable[[], object]) -> list[str]:
    """Kinds of the browser's questions while the page is left; each is answered with leaving."""
    asked: list[str] = []

    def answer(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.accept()  # type: ignore[attr-defined]

    page.on("dialog", answer)
    leave()
    page.remove_listener("dialog", answer)
    return asked


def test_a_reload_loses_neither_list_nor_verdicts_nor_notes(room: Page, address: str) -> None:
    place, verdict = room.locator(".st-key-place"), room.locator(".st-key-verdict")
    expect(place).to_contain_text(f"of {FILMS}")
    where = place.locator("p").first.inner_text()
    said = verdict.get_by_role("heading", level=1).inner_text()
    assert asked_when(room, room.reload) == ["beforeunload"]
    expect(place).to_contain_text(where)
    expect(note_of(room)).to_have_value("faint")
    room.keyboard.press("Escape")
    expect(verdict.get_by_role("heading", level=1)).to_have_text(said)
    assert "=" not in room.url.removeprefix(address)
    room.keyboard.press("Alt+l")
    expect(room.locator(LIST)).to_be_visible()
    expect(room.get_by_role("progressbar")).to_have_count(0)
    asked_when(room, room.reload)  # and a second time
    expect(room.locator(LIST)).to_be_visible()


def test_another_tab_sees_nothing_even_a_copy_of_this_one(
    room: Page, context: BrowserContext, address: str
) -> None:
    with context.expect_page() as opened:  # a window that a page opens has a copy of its storage
        room.evaluate("address => { window.open(address) }", address)
    for other in (opened.value, context.new_page()):
        other.goto(address)
        expect(other.get_by_role("heading", level=1)).to_have_text(text("en", "diagnosis.drop"))
        other.wait_for_timeout(2000)
        assert other.locator(LIST).count() == 0
        assert other.locator("[class*=st-key-note_box]").count() == 0
    asked_when(room, room.reload)
    expect(note_of(room)).to_have_value("faint")


def test_leaving_asks_only_as_long_as_a_note_is_not_saved(room: Page, address: str) -> None:
    room.keyboard.press("Alt+l")
    expect(room.locator(LIST)).to_be_visible()
    with room.expect_download():
        room.locator(".st-key-list_csv button").first.click()
        room.get_by_role("button", name=text("en", "worklist.download")).click()
    room.wait_for_timeout(2000)
    assert asked_when(room, lambda: room.goto("about:blank")) == []
    room.go_back()
    expect(room.locator(LIST)).to_be_visible()
    room.keyboard.press("Alt+n")
    write_note(room, " shadow")
    assert asked_when(room, lambda: room.goto("about:blank")) == ["beforeunload"]


def test_a_film_of_its_own_and_its_note_come_back_as_well(
    context: BrowserContext, address: str, files: list[Path]
) -> None:
    page = context.new_page()
    page.goto(address)
    page.set_input_files("input[type=file]", files[0])
    expect(page.locator(".st-key-verdict").get_by_role("heading", level=1)).to_be_visible(
        timeout=PATIENCE_MS
    )
    settled(page)
    assert asked_when(page, page.reload) == []
    expect(page.locator(".st-key-verdict").get_by_role("heading", level=1)).to_be_visible()
