"""A researcher browses the studies, made up, from a choice to a run and a shared address."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from core.messages.catalogue import text
from core.results.folder import RESULTS_VARIABLE
from tests.browser.conftest import served, settled
from tests.support.made_up import write_study

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app with two made-up studies."""
    results = tmp_path_factory.mktemp("results")
    write_study(results, "data", {"share-1": [0.1, 0.11], "share-0.5": [0.2, 0.21]})
    write_study(results, "mixup", {"p0.3-a0.4": [0.1, 0.11], "p0-a0.4": [0.2, 0.22]})
    with served(**{RESULTS_VARIABLE: str(results)}) as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-US", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def test_a_study_is_chosen_a_run_opened_and_the_address_opens_it_again(
    studies: str, page: Page
) -> None:
    page.goto(f"{studies}/models")
    page.get_by_role("radio", name="Training set size").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("50 % of the patients")
    settled(page)
    page.wait_for_timeout(1000)  # the charts of the last study give way to those of this one
    marks = page.locator(".js-plotly-plot").first.locator("path.point")
    marks.last.scroll_into_view_if_needed()
    marks.last.click(force=True)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Run data/share-0.5@0")
    expect(dialog).to_contain_text("--train-share 0.5")
    shared = page.url
    assert "study=data" in shared

    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.goto("about:blank")
    page.goto(shared)
    expect(page.get_by_role("dialog")).to_contain_text("Run data/share-0.5@0")
    expect(page.get_by_role("heading", level=1).first).to_be_attached()


def test_a_click_on_a_column_sorts_the_table(studies: str, page: Page) -> None:
    page.goto(f"{studies}/models?study=data")
    page.get_by_text(text("en", "study.more")).click()
    table = page.get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    rows = table.locator("tbody tr")
    expect(rows.first).to_contain_text("100 % of the patients")  # the lowest validation loss
    loss = {"x": 340, "y": 18}  # the grid is drawn, its columns are no elements to click
    for arrow in "↑↓":
        table.click(position=loss)
        expect(table.locator("thead")).to_contain_text(arrow)
    expect(rows.first).to_contain_text("50 % of the patients")
    expect(rows.first).to_contain_text("0.21")
