"""The About page, driven without a browser."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.archive.settings import URL_VARIABLE
from core.messages.catalogue import LANGUAGES, text
from core.messages.errors import WeightsDamaged
from core.models import ModelCard, load_card, shipped_models
from tests.ui.conftest import run_page


def test_it_shows_every_card_and_what_the_room_is_not_for() -> None:
    page = run_page("about_page")
    assert not page.exception
    assert page.title[0].value == text("en", "about.title")
    assert text("en", "about.not_use.title") in [head.value for head in page.header]
    shown = page.dataframe[0].value.to_string()
    for name in shipped_models():
        assert load_card(name).sha256[:12] in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_ensemble_is_told_by_its_members(
    tiny_weights: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    tiny = load_card("tiny", tiny_weights)
    pair = replace(
        tiny, name="pair", architecture="ensemble", run="a+b", members=("tiny", "tiny_2")
    )
    cards = {"tiny": tiny, "pair": pair}
    monkeypatch.setattr("core.ui.about.cards.shipped_models", lambda: tuple(cards))
    monkeypatch.setattr("core.ui.about.cards.load_card", cards.__getitem__)
    page = run_page("about_page", language)
    assert not page.exception
    assert list(page.dataframe[0].value.iloc[:, 2]) == [
        "ResNet18",
        text(language, "about.models.ensemble", n=2),
    ]
    origins = page.dataframe[0].value.to_string()
    assert "tiny, tiny_2" in origins
    assert "tiny-run" in origins


def test_a_damaged_card_is_told_beside_the_others(
    tiny_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(name: str) -> ModelCard:
        if name == "broken":
            raise WeightsDamaged(file="broken.json")
        return load_card("tiny", tiny_weights)

    monkeypatch.setattr("core.ui.about.cards.shipped_models", lambda: ("broken", "tiny"))
    monkeypatch.setattr("core.ui.about.cards.load_card", load)
    page = run_page("about_page")
    assert not page.exception
    assert "broken.json" in page.error[0].value
    assert len(page.dataframe[0].value) == 1


@pytest.mark.parametrize("archive", ["", "https://archive.example.org/dicom-web"])
def test_what_goes_to_an_archive_is_told_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, archive: str
) -> None:
    monkeypatch.setenv(URL_VARIABLE, archive)
    told = [each.value for each in run_page("about_page").markdown]
    assert (text("en", "archive.exception") in told) is bool(archive)
