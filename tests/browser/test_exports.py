"""What a reader saves says what the page says."""

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pydicom
import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from core.messages.catalogue import LANGUAGES, text
from tests.browser.conftest import OpenPage, settled
from tests.browser.test_reading_room import upload

pytestmark = pytest.mark.browser


def saved(page: Page, label: str) -> tuple[str, bytes]:
    """The name and the bytes of the file that a button saves."""
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name=label).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_report_and_archive_say_what_the_page_says(
    open_page: OpenPage, films: tuple[Path, Path], language: str
) -> None:
    page = open_page(language={"en": "en-US", "ko": "ko-KR"}[language])
    verdict = upload(page, films[1])
    page.get_by_role("button", name=text(language, "diagnosis.details")).click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text(re.compile(r"[0-9a-f]{12}"))
    name_of_drawer, *details = drawer.locator("p").all_inner_texts()
    assert name_of_drawer == text(language, "diagnosis.details")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=text(language, "diagnosis.report"), exact=True).click()
    name, file = saved(page, text(language, "report.save.pdf"))
    assert re.fullmatch(r"chest-film-[0-9a-f]{12}\.pdf", name)
    report = "".join(each.extract_text() for each in PdfReader(BytesIO(file)).pages)
    # The heading begins with the name of its icon; the page tells the beginnings of the hashes.
    told = [verdict.get_by_role("heading", level=1).inner_text().split(maxsplit=1)[1]]
    told += verdict.locator(".st-key-probability p").all_inner_texts() + details
    controls = [text(language, f"report.save.{key}") for key in ("pdf", "dicom", "identify")]
    bound = re.compile(r"[0-9a-f]{12}")
    shown = [words.removeprefix("warning") for words in told if not bound.search(words)]
    shown = [words for words in shown if words not in controls]
    assert len(shown) > 4
    squeezed = re.sub(r"\s", "", report)
    assert [words for words in shown if re.sub(r"\s", "", words) not in squeezed] == []
    for digits in bound.findall("".join(told)):
        assert digits in squeezed
    assert films[1].name not in report
    name, file = saved(page, text(language, "report.save.dicom"))
    with ZipFile(BytesIO(file)) as archive:
        capture = pydicom.dcmread(BytesIO(archive.read("overlay.dcm")))
    assert told[0] in capture.ImageComments
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    if language == "ko":
        assert_korean_font(page)


def assert_korean_font(page: Page) -> None:
    families = page.evaluate("Array.from(document.fonts, f => `${f.family} ${f.status}`)")
    assert any("Noto Sans KR" in family and "loaded" in family for family in families)
