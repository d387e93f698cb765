"""The Data page, driven without a browser."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.folder import DATA_FOLDER_VARIABLE
from core.data.preview import SHOWN_POLICIES
from core.data.summary import summarise
from core.messages.catalogue import LANGUAGES, text
from core.results.data_summary import write_summary
from tests.ui.conftest import run_page


def open_page(language: str = "en") -> AppTest:
    return run_page("data_page", language)


def everything(page: AppTest) -> str:
    return "\n".join(line.value for line in page.markdown)


def test_without_anything_the_page_says_what_to_do_and_whose_films_they_are(results: Path) -> None:
    page = open_page()
    assert not page.exception
    assert "make data" in page.info[0].value
    assert "CHEST_XRAY_DIR" in page.info[0].value
    assert any("CC BY 4.0" in caption.value for caption in page.caption)


@pytest.mark.parametrize("language", LANGUAGES)
def test_counts_are_shown_without_the_films(results: Path, tiny_data: Path, language: str) -> None:
    write_summary(summarise(tiny_data), results)
    page = open_page(language)
    assert not page.exception
    assert "30" in page.title[0].value
    assert len(page.metric) == 4
    assert len(page.get("plotly_chart")) == 2
    assert not page.get("image")


def test_films_are_shown_where_they_are(
    results: Path, tiny_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tiny_data))
    page = open_page()
    assert not page.exception
    assert len(page.get("image")) == 4 + 4 + 3


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_the_mix_has_the_target_of_its_share(
    results: Path, tiny_data: Path, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tiny_data))
    page = open_page()
    page.slider(key="share").set_value(share).run()
    assert not page.exception
    assert any(f"is to answer {share:.2f}" in caption.value for caption in page.caption)


@pytest.mark.parametrize("button", ["examples_again", "augmentation_again", "mixup_again"])
def test_drawing_again_gives_other_pictures(
    results: Path, tiny_data: Path, monkeypatch: pytest.MonkeyPatch, button: str
) -> None:
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tiny_data))
    page = open_page()
    before = [image.proto.imgs[0].url for image in page.get("image")]
    page.button(key=button).click().run()
    assert not page.exception
    assert [image.proto.imgs[0].url for image in page.get("image")] != before


@pytest.mark.parametrize("policy", SHOWN_POLICIES)
def test_every_policy_can_be_looked_at(
    results: Path, tiny_data: Path, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tiny_data))
    page = open_page()
    page.selectbox(key="policy").set_value(policy).run()
    assert not page.exception
    assert text("en", f"data.policy_about.{policy}") in everything(page)


def test_a_damaged_film_is_told(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "films" / "train" / "NORMAL"
    folder.mkdir(parents=True)
    (folder / "broken.png").write_bytes(b"no film")
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tmp_path / "films"))
    page = open_page()
    assert not page.exception
    assert page.error
