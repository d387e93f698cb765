"""A reader uses the app from end to end."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FloatRect, Locator, Page, expect

from core.imaging import UPLOAD_LIMIT_MB, read_film_file
from core.inference.model import Diagnostician
from core.messages.catalogue import text
from core.models import shipped_models
from core.models.weights import DEFAULT_MODEL
from core.reporting.captions.verdict import probability_words
from core.results.evaluations import read_metrics
from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser

expect.set_options(timeout=30_000)

FILM, OVERLAY = (f".st-key-viewer [data-panel={name}] canvas" for name in ("film", "overlay"))
ADDRESSES = ("", "evaluation", "models", "training", "data", "about")


def upload(page: Page, file: Path) -> Locator:
    """Put a film into the room and wait for its verdict."""
    page.set_input_files("input[type=file]", file)
    viewer = page.locator(f".st-key-viewer [data-film^='{read_film_file(file).sha256}']")
    expect(viewer).to_have_count(1)
    verdict = page.locator(".st-key-verdict")
    expect(verdict.locator(".gauge")).to_be_visible()
    return verdict


def beside(page: Page) -> None:
    """Show the bare film beside the one with heat."""
    page.get_by_role("button", name=text("en", "viewer.beside")).click()


def box(part: Locator) -> FloatRect:
    """Where a part of the page is, in pixels."""
    found = part.bounding_box()
    assert found is not None
    return found


def test_verdict_and_heatmap_of_an_uploaded_film(
    open_page: OpenPage, films: tuple[Path, Path]
) -> None:
    page = open_page()
    verdict = upload(page, films[0])
    diagnosis = Diagnostician.load().diagnose(read_film_file(films[0]))
    word = text("en", f"diagnosis.verdict.{diagnosis.verdict.lower()}")
    expect(verdict.get_by_role("heading", level=1)).to_contain_text(word)
    expect(verdict).to_contain_text(probability_words(diagnosis.probability, "en"))
    expect(page.locator(".st-key-beside")).to_contain_text("not a medical device")
    beside(page)
    expect(page.locator(FILM)).to_be_visible()
    film, overlay = (box(page.locator(place)) for place in (FILM, OVERLAY))
    assert film["width"] == pytest.approx(overlay["width"], abs=1)
    assert film["y"] == pytest.approx(overlay["y"], abs=1)


def test_one_click_on_a_synthetic_film_gives_verdict_and_heatmap(open_page: OpenPage) -> None:
    page = open_page()
    # Pictures and the parts above them load after the script has run, and move what is below.
    page.wait_for_load_state("networkidle")
    picture = box(page.get_by_role("img", name=text("en", "samples.numbered", number=2)))
    page.mouse.click(picture["x"] + picture["width"] / 2, picture["y"] + picture["height"] / 2)
    expect(page.locator(".st-key-verdict").get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(OVERLAY)).to_be_visible()
    expect(page.get_by_text(text("en", "brief.film.notice.synthetic"))).to_be_visible()


def test_a_second_film_takes_the_first_verdict_away(
    open_page: OpenPage, films: tuple[Path, Path]
) -> None:
    page = open_page()
    first = read_film_file(films[0]).sha256
    upload(page, films[0])
    verdict = upload(page, films[1])
    expect(verdict).to_have_count(1)
    expect(page.locator(f"[data-film^='{first}']")).to_have_count(0)


def test_removing_the_film_empties_the_room(open_page: OpenPage, films: tuple[Path, Path]) -> None:
    page = open_page()
    verdict = upload(page, films[0])
    page.get_by_role("button", name=text("en", "worklist.clear")).click()
    expect(verdict).to_have_count(0)
    expect(page.get_by_role("heading", name=text("en", "diagnosis.drop"))).to_be_visible()


def test_the_film_stays_through_a_change_of_language_and_page(
    open_page: OpenPage, films: tuple[Path, Path]
) -> None:
    page = open_page()
    verdict = upload(page, films[0])
    page.get_by_role("button", name=text("en", "frame.settings")).click()
    page.get_by_role("radio", name="한국어").click()
    expect(verdict).to_contain_text("폐렴 확률")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="소개").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("소개")
    page.get_by_role("link", name="진단").click()
    expect(page.locator(f"[data-film^='{read_film_file(films[0]).sha256}']")).to_have_count(1)
    expect(verdict).to_contain_text("폐렴 확률")


def _no_film(kind: str, film: Path) -> bytes:
    """Bytes that are no film."""
    if kind == "too large":
        return bytes((UPLOAD_LIMIT_MB + 1) * 2**20)
    whole = io.BytesIO()
    Image.open(film).convert("L").save(whole, "JPEG")
    return whole.getvalue()[: len(whole.getvalue()) // 3]


@pytest.mark.parametrize("kind", ["too large", "truncated"])
def test_no_film_is_refused_with_a_reason_and_takes_the_verdict_away(
    open_page: OpenPage, films: tuple[Path, Path], tmp_path: Path, kind: str
) -> None:
    page = open_page()
    verdict = upload(page, films[0])
    file = tmp_path / "film.jpg"
    file.write_bytes(_no_film(kind, films[0]))
    page.set_input_files("input[type=file]", file)
    expect(verdict.locator(".gauge")).to_have_count(0)
    expect(page.locator("[data-testid=stAlert]")).to_have_count(1)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_address_opens_cold_in_korean_on_a_phone(open_page: OpenPage, path: str) -> None:
    page = open_page(path, "ko-KR", width=390)
    heading = page.get_by_role("heading", level=1)
    expect(heading).not_to_be_empty()
    assert not heading.inner_text().isascii()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    expect(page.get_by_text("Page not found")).to_have_count(0)


def test_on_a_phone_the_verdict_comes_first_and_nothing_is_cut_off(
    open_page: OpenPage, films: tuple[Path, Path]
) -> None:
    page = open_page(width=390)
    verdict = upload(page, films[0])
    below = [page.locator(place) for place in (OVERLAY, ".legend", ".st-key-beside")]
    places = [verdict, *below]
    tops = [box(place)["y"] for place in places]
    assert tops == sorted(tops)
    film = box(page.locator(OVERLAY))
    assert film["y"] + film["height"] <= 844, "the whole film in the first screen"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_model_goes_along_to_other_pages_and_into_the_address(open_page: OpenPage) -> None:
    models = shipped_models()
    if len(models) == 1:
        pytest.skip("one model ships")
    page = open_page(f"evaluation?model={models[-1]}")
    page.get_by_role("button", name=text("en", "frame.settings")).click()
    menu = page.get_by_test_id("stPopoverBody")
    expect(menu).to_contain_text(models[-1])
    page.keyboard.press("Escape")
    page.get_by_role("link", name="About").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("About")
    page.get_by_role("button", name=text("en", "frame.settings")).click()
    expect(menu).to_contain_text(models[-1])
    expect(page).to_have_url(re.compile(rf"/about\?model={models[-1]}$"))


def test_a_shared_evaluation_opens_cold_and_its_matrix_follows_threshold_and_click(
    open_page: OpenPage,
) -> None:
    page = open_page("evaluation?set=test&cell=fn&threshold=0.6&part=models&prevalence=20")
    exploring = page.get_by_text(text("en", "threshold.what_if.exploring"))
    expect(exploring).to_be_visible()
    expect(page.get_by_text("1,000 films, 20.0 % with pneumonia")).to_be_visible()
    expect(page.get_by_text(text("en", "paired.how"))).to_be_visible()
    told = page.locator(".what-if .value")
    before, alarms = told.inner_text(), page.locator(".what-if .alarms").inner_text()
    page.locator(".what-if input.threshold").focus()
    page.keyboard.press("End")
    expect(told).not_to_have_text(before)
    expect(page.locator(".what-if .alarms")).not_to_have_text(alarms)
    expect(page).to_have_url(re.compile(r"threshold=1(&|$)"))
    page.locator(".what-if .marks button").first.click()
    expect(exploring).to_have_count(0)
    expect(page).not_to_have_url(re.compile("threshold="))
    measured = read_metrics(DEFAULT_MODEL, "test")
    assert measured is not None
    missed = measured["confusion"]["fn"]
    expect(page.get_by_role("radio", name=f"Missed {missed}")).to_be_visible()
    expect(page.locator("[data-testid=stSpinner]")).to_have_count(0)
    matrix = page.locator(".js-plotly-plot").first
    matrix.scroll_into_view_if_needed()
    place = box(matrix.locator(".nsewdrag").first)
    page.mouse.click(place["x"] + 0.95 * place["width"], place["y"] + 0.1 * place["height"])
    expect(page).to_have_url(re.compile(r"cell=fp(&|$)"))
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


def test_moving_a_slider_counts_without_asking_the_server(open_page: OpenPage) -> None:
    page = open_page("evaluation")
    slider = page.locator(".what-if input.prevalence")
    slider.wait_for()
    page.context.set_offline(True)
    before = page.locator(".what-if .alarms").inner_text()
    slider.evaluate("each => { each.value = 500; each.dispatchEvent(new Event('input')); }")
    expect(page.locator(".what-if .alarms")).not_to_have_text(before)
    expect(page.locator(".what-if .crowd-title")).to_contain_text("50.0")
