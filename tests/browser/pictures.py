"""Draw the README's pictures anew, with a synthetic film and no real one: ``make pictures``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from core.data.samples import GALLERY_FOLDER
from tests.browser.chromium import FLAGS, find_chromium
from tests.browser.conftest import ROOT, served

FOLDER = ROOT / "docs"
WIDTH, HEIGHT = 1440, 1000
COLOURS = 256
"""A picture has no more colours than that, which halves its file."""


@dataclass(frozen=True)
class Picture:
    """A page as it is shown.

    Args:
        name: Of its file.
        path: The page's address below the root.
        scheme: ``light`` or ``dark``.
        film: What is dropped into the page.
        awaited: A selector of what is there once the page is drawn.
    """

    name: str
    path: str
    scheme: Literal["light", "dark"]
    film: Path | None = None
    awaited: str = ".js-plotly-plot"


def pictures() -> tuple[Picture, ...]:
    """What is drawn."""
    film = GALLERY_FOLDER / "PNEUMONIA" / "pneumonia-6.png"
    return (
        Picture("diagnosis", "", "dark", film, ".st-key-verdict .gauge"),
        Picture("evaluation", "evaluation", "light"),
        Picture("models", "models?study=mixup-lungs", "dark"),
    )


def draw(browser: Browser, address: str, picture: Picture, folder: Path) -> None:
    """Write one picture, ``NAME.png``."""
    context = browser.new_context(
        locale="en-US",
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme=picture.scheme,
    )
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{address}/{picture.path}")
    page.get_by_role("heading", level=1).wait_for()
    if picture.film is not None:
        page.locator("input[type=file]").set_input_files(picture.film)
    page.locator(picture.awaited).first.wait_for()
    page.wait_for_timeout(5000)  # charts and heatmaps come after what was awaited
    file = folder / f"{picture.name}.png"
    page.screenshot(path=file)
    context.close()
    with Image.open(file) as drawn:
        few = drawn.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


def main() -> None:
    """Draw all pictures."""
    FOLDER.mkdir(exist_ok=True)
    no_films = str(FOLDER / "no-films")
    with served(CHEST_XRAY_DIR=no_films) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        for picture in pictures():
            draw(browser, address, picture, FOLDER)
        browser.close()


if __name__ == "__main__":
    main()
