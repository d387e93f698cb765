"""The Diagnosis page, driven without a browser."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.errors import WeightsMissing
from core.film import read_film
from core.i18n import text
from core.inference import Diagnostician
from tests.phantoms import chest_phantom

APP = str(Path(__file__).resolve().parents[2] / "app.py")


def png(seed: int) -> bytes:
    """A phantom film as PNG."""
    file = io.BytesIO()
    Image.fromarray(chest_phantom(300, 280, seed)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def room() -> AppTest:
    """The app's first page, opened without a film."""
    return AppTest.from_file(APP, default_timeout=120).run()


def drop(room: AppTest, name: str, data: bytes) -> AppTest:
    """Upload a file and let the page run."""
    return room.file_uploader(key="upload").set_value((name, data, "image/png")).run()


def words(room: AppTest) -> str:
    """All Markdown and captions on the page."""
    return "\n".join(str(part.value) for part in [*room.markdown, *room.caption])


def test_an_empty_room_says_what_to_do(room: AppTest) -> None:
    assert not room.exception
    assert room.title[0].value == text("en", "diagnosis.title")
    assert text("en", "diagnosis.empty") in [info.value for info in room.info]
    assert not room.slider


def test_a_film_gets_the_verdict_that_the_model_gives(room: AppTest) -> None:
    data = png(1)
    drop(room, "film.png", data)
    diagnosis = Diagnostician.load().diagnose(read_film(data))
    assert not room.exception
    assert text("en", f"diagnosis.verdict.{diagnosis.label.lower()}") in words(room)
    assert f"{diagnosis.probability:.1%}" in words(room)
    assert diagnosis.film_sha256[:12] in words(room)
    assert text("en", "diagnosis.not_for") in [info.value for info in room.info]


def test_a_second_film_replaces_all_that_was_said_of_the_first(room: AppTest) -> None:
    first, second = png(1), png(2)
    drop(room, "first.png", first)
    drop(room, "second.png", second)
    assert read_film(second).sha256[:12] in words(room)
    assert read_film(first).sha256[:12] not in words(room)


def test_a_refused_file_takes_the_verdict_away_and_says_why(room: AppTest) -> None:
    drop(room, "film.png", png(1))
    drop(room, "letter.png", b"no film at all")
    assert [error.value for error in room.error] == [text("en", "film.error.unknown_format")]
    assert not room.slider


def test_korean_changes_every_word_and_keeps_the_film(room: AppTest) -> None:
    data = png(1)
    drop(room, "film.png", data)
    room.session_state["language"] = "ko"
    room.run()
    assert room.title[0].value == text("ko", "diagnosis.title")
    assert read_film(data).sha256[:12] in words(room)
    assert text("en", "diagnosis.not_for") not in [info.value for info in room.info]


def test_broken_weights_are_told_and_nothing_is_diagnosed(
    room: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Diagnostician:
        raise WeightsMissing(file=f"{name}.safetensors")

    monkeypatch.setattr("core.ui.session.shared_diagnostician", missing)
    drop(room, "film.png", png(3))
    assert not room.exception
    assert "densenet121.safetensors" in room.error[0].value
    assert not room.slider


def test_opacity_redraws_without_diagnosing_again(
    room: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(room, "film.png", png(1))

    def forbidden(self: Diagnostician, film: object) -> None:
        raise AssertionError("diagnosed again")

    monkeypatch.setattr(Diagnostician, "diagnose", forbidden)
    room.slider(key="opacity").set_value(100).run()
    assert not room.exception


def test_about_page_shows_the_card_and_the_log() -> None:
    room = AppTest.from_file(APP, default_timeout=120).run()
    room.switch_page("pages/inform.py").run()
    assert not room.exception
    assert room.title[0].value == text("en", "about.title")
    card = Diagnostician.load().card
    assert card.sha256[:12] in room.dataframe[0].value.to_string()
    assert np.any([text("en", "about.not_use.title") == head.value for head in room.subheader])
