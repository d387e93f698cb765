"""The words that a reader sees on a page: counted, with a limit for each, so that pages stay short.

As a module it prints the count of each page: ``python -m tests.browser.words ADDRESS``.
"""

import re
import sys

from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import find_chromium

LIMITS = {
    "evaluation": 250,
    "evaluation?part=models": 250,
    "evaluation?part=robustness": 430,
    "evaluation?part=own": 250,
    "models": 180,
    "models?study=data": 180,
    "training": 60,
    "data": 160,
    "about": 250,
}
"""The most words of an address below the root; what is folded or drawn on a canvas is not seen."""

_SEEN = """() => {
  const icons = '[data-testid=stIconMaterial], .material-icons, .hovertext, style, script';
  const seen = document.querySelector('[data-testid=stMainBlockContainer]');
  const hidden = [...seen.querySelectorAll(icons)].map((each) => [each, each.style.display]);
  hidden.forEach(([each]) => { each.style.display = 'none'; });
  const parts = [seen.innerText];
  for (const each of seen.querySelectorAll('*')) {
    if (each.shadowRoot) parts.push(...[...each.shadowRoot.children].map((c) => c.innerText || ''));
  }
  hidden.forEach(([each, display]) => { each.style.display = display; });
  return parts.join(' ');
}"""


def seen_words(page: Page) -> list[str]:
    """The words and numbers of the page's main part, without icons and drawn tables."""
    return re.findall(r"\w[\w.,'’:/×−-]*", page.evaluate(_SEEN))


def settle(page: Page) -> None:
    """Wait until the page has run and its words no longer change."""
    before: list[str] | None = None
    for _ in range(120):
        page.wait_for_timeout(350)
        running = page.locator("[data-test-script-state=running]").count()
        skeletons = page.locator("[data-testid=stSkeleton]").count()
        words = seen_words(page)
        if words and words == before and not running and not skeletons:
            return
        before = words


def main(address: str) -> None:
    """Print the number of words of each address."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="en-US")
        for path, limit in LIMITS.items():
            page.goto(f"{address}/{path}")
            page.get_by_role("heading", level=1).first.wait_for()
            settle(page)
            print(f"{len(seen_words(page)):5d} of {limit:4d}  {path}", flush=True)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
