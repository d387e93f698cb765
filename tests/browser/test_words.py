"""Pages stay short: the words that a reader sees are counted in a browser."""

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.words import LIMITS, seen_words, settle

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", LIMITS)
def test_a_page_has_no_more_words_than_its_limit(open_page: OpenPage, path: str) -> None:
    page = open_page(path)
    settle(page)
    words = seen_words(page)
    assert words
    assert len(words) <= LIMITS[path], " ".join(words)
