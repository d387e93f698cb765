"""Pages stay short: the words that a reader sees are counted in a browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.words import LIMITS, seen_words, settle

pytestmark = pytest.mark.browser

NO_BREAK = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize("path", LIMITS)
def test_a_page_has_no_more_words_than_its_limit(open_page: OpenPage, path: str) -> None:
    page = open_page(path)
    settle(page)
    words = seen_words(page)
    assert words
    assert page.get_by_role("heading", level=1).first.inner_text().replace(NO_BREAK, " ").isascii()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    assert len(words) <= LIMITS[path], " ".join(words)
