"""Fifty films in a browser: read, stopped, gone through by keys, and taken along."""

import re
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Error, Page, expect

from core.data.folder import data_folder, list_films
from core.messages.catalogue import text
from core.models import load_card, shipped_models
from tests.browser.conftest import OpenPage, settled
from tests.support.phantoms import chest_phantom

pytestmark = pytest.mark.browser

expect.set_options(timeout=60_000)

FILMS, BAD = 47, 3
FIRST, OTHER = "densenet121", "efficientnet_lite2"
"""The first slow enough to be stopped amid fifty films, the other quick."""

PATIENCE_MS = 180_000
PRESS_MS = 5_000
SEND_MS = 150
"""After the last letter of a note; the browser collects letters for a third of it."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Films of the data folder, or phantoms where it is absent; the bad ones among them."""
    folder, data = tmp_path_factory.mktemp("fifty"), data_folder()
    if data is not None:
        films = [
            film
            for name, count in (("NORMAL", FILMS // 2), ("PNEUMONIA", FILMS - FILMS // 2))
            for film in list_films(data / "train" / name)[:count]
        ]
    else:
        films = [folder / f"film-{seed}.png" for seed in range(FILMS)]
        for seed, film in enumerate(films):
            Image.fromarray(chest_phantom(96, 96, seed)).save(film)
    bad = {"letter.txt": b"a letter", "empty.png": b"", "cut.jpg": films[0].read_bytes()[:900]}
    for name, content in bad.items():
        (folder / name).write_bytes(content)
    return [*films[:20], *(folder / name for name in bad), *films[20:]]


def count(page: Page, standing: str) -> int:
    """How many films stand so, as the pills over the list say it."""
    line = page.locator(".st-key-list_standings")
    found = re.search(rf"{text('en', f'worklist.standing.{standing}')} (\d+)", line.inner_text())
    return int(found[1]) if found else 0


def test_fifty_films_with_three_bad_ones(open_page: OpenPage, files: list[Path]) -> None:
    if not {FIRST, OTHER} <= set(shipped_models()):
        pytest.skip("the models do not ship")
    page = open_page(f"?model={FIRST}")
    page.set_input_files("input[type=file]", files)
    page.locator(".st-key-to_list button").click(timeout=PATIENCE_MS)

    cancel = page.get_by_role("button", name=text("en", "worklist.cancel"))
    resume = page.get_by_role("button", name=text("en", "worklist.resume"))
    cancel.click(timeout=PATIENCE_MS)
    try:
        resume.wait_for(timeout=PRESS_MS)
    except Error:  # on a busy machine a press while the list is first drawn may be lost
        cancel.click()
        expect(resume).to_be_visible()
    left = count(page, "waiting")
    assert 0 < left < FILMS + BAD
    page.wait_for_timeout(1500)
    assert count(page, "waiting") == left

    resume.click()
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=PATIENCE_MS)
    verdicts = ("pneumonia", "review", "normal")
    assert sum(count(page, verdict) for verdict in verdicts) == FILMS
    assert (count(page, "refused"), count(page, "waiting")) == (BAD, 0)

    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
        page.get_by_role("button", name=text("en", "worklist.download")).click()
    table = pd.read_csv(download.value.path(), encoding="utf-8-sig")
    assert table["probability"].notna().sum() == FILMS
    assert table["reason"].dropna().nunique() == BAD
    assert "file" not in table

    page.keyboard.press("Escape")
    place, drawer = page.locator(".st-key-place"), page.get_by_role("dialog")
    for key, position in (("n", 1), ("n", 2), ("n", 3), ("p", 2)):
        settled(page)
        page.keyboard.press(f"Alt+{key}")
        expect(place).to_contain_text(f"{position} of {FILMS + BAD}")
    note = page.locator("input[aria-label='Note']")
    page.get_by_role("button", name="Note", exact=True).click()
    note.press_sequentially("faint", delay=80)
    page.wait_for_timeout(SEND_MS)
    settled(page)
    page.keyboard.press("Alt+n")
    expect(place).to_contain_text("3 of")
    expect(note).to_have_count(0)
    settled(page)
    page.get_by_role("button", name="Note", exact=True).click()
    expect(note).to_have_value("")
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+p")
    expect(place).to_contain_text("2 of")
    settled(page)
    page.get_by_role("button", name="Note", exact=True).click()
    expect(note).to_have_value("faint")
    page.keyboard.press("Escape")

    old, new = (load_card(name).sha256[:12] for name in (FIRST, OTHER))
    details = page.get_by_role("button", name=text("en", "diagnosis.details"))
    details.click()
    expect(drawer).to_contain_text(old)
    page.keyboard.press("Escape")
    page.get_by_role("button", name=text("en", "frame.settings")).click()
    page.get_by_test_id("stPopoverBody").get_by_role("combobox").click()
    page.get_by_role("listbox").get_by_role("option").nth(shipped_models().index(OTHER)).click()
    page.keyboard.press("Escape")
    details.click()
    expect(drawer).to_contain_text(new)
    expect(page.get_by_text(old)).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+l")
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert count(page, "waiting") > 0
