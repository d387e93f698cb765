"""The Diagnosis page, driven without a browser."""

import io
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image
from streamlit.testing.v1 import AppTest

from core.imaging import Film, Notice, Preset, Turn, preset_windows, read_film, turned
from core.inference.gate import GATE_VARIABLE
from core.inference.loaded import Loaded
from core.inference.model import Diagnostician
from core.inference.overlay import COLOUR_MAPS
from core.messages.catalogue import LANGUAGES, catalogue, text
from core.messages.errors import WeightsMissing
from core.models import load_card, load_networks
from core.models.weights import DEFAULT_MODEL
from core.reporting.captions.second_look import heatmap_words, settings_words
from core.reporting.captions.verdict import probability_words
from core.reporting.captions.warnings import brief
from tests.support.drawn_lungs import drawn_segmenter
from tests.support.made_up import predictions, write_evaluation
from tests.support.networks import forbid_networks
from tests.support.phantoms import chest_phantom

APP = str(Path(__file__).resolve().parents[2] / "app.py")


def png(seed: int) -> bytes:
    """A phantom film as PNG."""
    file = io.BytesIO()
    Image.fromarray(chest_phantom(300, 280, seed)).save(file, "PNG")
    return file.getvalue()


def tiny_with_band(weights: Path, low: float, high: float) -> Diagnostician:
    """The tiny model with a review band."""
    card = replace(load_card("tiny", weights), review_low=low, review_high=high)
    return Diagnostician(card, load_networks(card, weights))


def read_with(models: dict[str, Diagnostician], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the app offer these models and no others."""
    monkeypatch.setattr("core.ui.frame.settings.shipped_models", lambda: tuple(models))
    for module in ("session", "second_look"):
        monkeypatch.setattr(f"core.ui.diagnosis.{module}.shared_diagnostician", models.__getitem__)
    monkeypatch.setattr("core.ui.diagnosis.details.load_card", lambda name: models[name].card)


@pytest.fixture
def model(tiny_weights: Path, results: Path, monkeypatch: pytest.MonkeyPatch) -> Diagnostician:
    """The one model that the app offers, which sends nothing to review; nothing is measured."""
    tiny = tiny_with_band(tiny_weights, 0.5, 0.5)
    read_with({DEFAULT_MODEL: tiny}, monkeypatch)
    return tiny


@pytest.fixture
def room(model: Diagnostician) -> AppTest:
    """The app's first page, opened without a film."""
    return AppTest.from_file(APP, default_timeout=120).run()


def drop(room: AppTest, name: str, data: bytes) -> AppTest:
    """Upload a file and let the page run."""
    return room.file_uploader(key="upload").set_value((name, data, "image/png")).run()


def details(room: AppTest) -> str:
    """All words once the drawer "Details" is open; it is shut again by the next run."""
    room.button(key="details").click().run()
    assert not room.exception
    return words(room)


def heading(room: AppTest) -> str:
    """The page's own heading: the verdict, where there is one."""
    return next(str(part.value) for part in room.markdown if str(part.value).startswith("# "))


def words(room: AppTest) -> str:
    """All Markdown and captions on the page."""
    return "\n".join(str(part.value) for part in [*room.markdown, *room.caption])


def has_verdict(room: AppTest) -> bool:
    """Whether there is a verdict on the screen."""
    return any(button.key == "details" for button in room.button)


def test_an_empty_room_says_what_to_do(room: AppTest) -> None:
    assert not room.exception
    assert heading(room) == f"# {text('en', 'diagnosis.drop')}"
    assert text("en", "diagnosis.not_device") in words(room)
    assert not has_verdict(room)


def test_a_film_gets_the_verdict_that_the_model_gives(room: AppTest, model: Diagnostician) -> None:
    data = png(1)
    drop(room, "film.png", data)
    diagnosis = model.diagnose(read_film(data))
    assert not room.exception
    assert text("en", f"diagnosis.verdict.{diagnosis.verdict.lower()}") in words(room)
    assert probability_words(diagnosis.probability, "en") in words(room)
    assert text("en", "diagnosis.not_device") in words(room)
    assert diagnosis.film_sha256[:12] in details(room)
    assert text("en", "diagnosis.not_for") in words(room)


def test_a_second_film_replaces_all_that_was_said_of_the_first(room: AppTest) -> None:
    first, second = png(1), png(2)
    drop(room, "first.png", first)
    drop(room, "second.png", second)
    assert read_film(second).sha256[:12] in details(room)
    assert read_film(first).sha256[:12] not in words(room)


def test_a_refused_file_takes_the_verdict_away_and_says_why(room: AppTest) -> None:
    drop(room, "film.png", png(1))
    drop(room, "letter.png", b"no film at all")
    assert [error.value for error in room.error] == [text("en", "film.error.unknown_format")]
    assert not has_verdict(room)


def test_the_tools_stay_as_they_are_while_the_evaluation_is_looked_at(
    room: AppTest, results: Path
) -> None:
    write_evaluation(results, DEFAULT_MODEL, "test", predictions(20, 20, 0, 3.0))
    room.toggle(key="read_first").set_value(True).run()
    room.switch_page("pages/evaluation_page.py").run()
    assert room.session_state["set"] == "test"
    room.switch_page("pages/diagnosis_page.py").run()
    assert not room.exception
    assert room.toggle(key="read_first").value


def test_korean_changes_every_word_and_keeps_the_film(room: AppTest) -> None:
    data = png(1)
    drop(room, "film.png", data)
    room.session_state["language"] = "ko"
    room.run()
    assert text("ko", "diagnosis.not_device") in words(room)
    assert read_film(data).sha256[:12] in details(room)
    assert text("en", "diagnosis.not_for") not in words(room)
    assert text("ko", "diagnosis.not_for") in words(room)


def test_broken_weights_are_told_and_nothing_is_diagnosed(
    room: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Diagnostician:
        raise WeightsMissing(file=f"{name}.safetensors")

    monkeypatch.setattr("core.ui.diagnosis.session.shared_diagnostician", missing)
    drop(room, "film.png", png(3))
    assert not room.exception
    assert f"{DEFAULT_MODEL}.safetensors" in room.error[0].value
    assert not has_verdict(room)


def test_a_drawer_opens_without_diagnosing_again(
    room: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(room, "film.png", png(1))

    def forbidden(self: Diagnostician, film: object) -> None:
        raise AssertionError("diagnosed again")

    monkeypatch.setattr(Diagnostician, "diagnose", forbidden)
    assert details(room)


@pytest.fixture
def reviewing(
    model: Diagnostician, tiny_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> Diagnostician:
    """In its place a model that sends every film to review."""
    cautious = tiny_with_band(tiny_weights, 0.0, 1.0)
    read_with({DEFAULT_MODEL: cautious}, monkeypatch)
    return cautious


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_film_in_the_review_band_is_for_a_radiologist(
    room: AppTest, reviewing: Diagnostician, language: str
) -> None:
    room.session_state["language"] = language
    drop(room, "film.png", png(1))
    assert not room.exception
    assert text(language, "diagnosis.verdict.review") in heading(room)
    assert text(language, "diagnosis.verdict.pneumonia") not in heading(room)
    assert text(language, "diagnosis.meaning.unmeasured") in words(room)


@pytest.mark.parametrize("same", [True, False])
def test_films_that_scored_alike_are_told_of_the_same_weights_alone(
    room: AppTest, reviewing: Diagnostician, results: Path, same: bool
) -> None:
    weights = reviewing.card.sha256 if same else "b" * 64
    films = predictions(60, 60, apart=0).assign(logit=0.0)  # all at one half, as the tiny model's
    write_evaluation(results, DEFAULT_MODEL, "test", films, weights_sha256=weights)
    drop(room, "film.png", png(1))
    assert not room.exception
    told = text("en", "diagnosis.short.near", in_100=50)
    assert (told in words(room)) == same
    assert ("about 50 showed pneumonia. Counted: 60 of the 120" in details(room)) == same
    assert (text("en", "diagnosis.meaning.unmeasured") in words(room)) != same


def test_all_notices_of_a_film_are_shown(
    room: AppTest, reviewing: Diagnostician, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices = (Notice("film.notice.tint"), Notice("film.notice.lateral"))

    def noticed(data: bytes) -> Film:
        return replace(read_film(data), notices=notices)

    monkeypatch.setattr("core.inference.worklist.worklist.read_film", noticed)
    drop(room, "film.png", png(1))
    for notice in notices:
        assert brief(notice, "en") in words(room)
    assert all(notice.message("en") in details(room) for notice in notices)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_film_without_lungs_is_for_review_with_the_reason_and_no_figures(
    model: Diagnostician, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    unseeing = Diagnostician(model.card, model.networks, drawn_segmenter())
    read_with({DEFAULT_MODEL: unseeing}, monkeypatch)
    room = AppTest.from_file(APP, default_timeout=120).run()
    room.session_state["language"] = language
    drop(room, "film.png", thin_line())
    assert not room.exception
    assert text(language, "diagnosis.verdict.review") in heading(room)
    assert text(language, "brief.lungs.reason.none") in words(room)
    assert text(language, "lungs.reason.none") in details(room)
    assert text(language, "diagnosis.meaning.not_applicable") in words(room)


def thin_line() -> bytes:
    """A picture without lungs, as PNG."""
    pixels = np.full((300, 300), 230, np.uint8)
    pixels[:, 150:154] = 0
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_the_outline_of_the_lungs_goes_to_the_browser_with_the_film(
    room: AppTest, model: Diagnostician, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[list[Any]] = []
    monkeypatch.setattr(
        "core.ui.diagnosis.viewer._draw", lambda key, data: drawn.append(data[0]["lungs"])
    )
    drop(room, "film.png", png(1))
    assert not room.exception
    (*_, lines) = drawn
    points = np.concatenate([np.array(line) for line in lines])
    assert len(points) > 50
    assert ((points >= 0) & (points <= 1)).all()
    expected = model.diagnose(read_film(png(1))).lungs_map.outline()
    np.testing.assert_allclose(points, np.concatenate(expected), atol=1e-4)


def test_the_addresss_model_reads_on_every_page(
    model: Diagnostician, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_with({DEFAULT_MODEL: model, "another": model}, monkeypatch)
    room = AppTest.from_file(APP, default_timeout=120)
    room.query_params["model"] = "another"
    room.run()
    assert room.selectbox(key="model").value == "another"
    room.switch_page("pages/evaluation_page.py").run()
    assert not room.exception
    assert room.selectbox(key="model").value == "another"
    assert "another" in words(room)
    assert "another" in room.query_params["model"]
    room.selectbox(key="model").set_value(DEFAULT_MODEL).run()
    assert "model" not in room.query_params


def test_another_models_verdict_takes_the_place_of_the_last(
    room: AppTest,
    model: Diagnostician,
    reviewing: Diagnostician,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = Diagnostician(replace(model.card, sha256="c" * 64), model.networks)
    read_with({DEFAULT_MODEL: reviewing, "another": other}, monkeypatch)
    room.run()
    drop(room, "film.png", png(1))
    assert text("en", "diagnosis.verdict.review") in heading(room)
    room.selectbox(key="model").set_value("another").run()
    assert not room.exception
    assert text("en", "diagnosis.verdict.review") not in heading(room)
    assert "c" * 12 in details(room)


def test_the_gate_refuses_a_photograph(room: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(GATE_VARIABLE)
    file = io.BytesIO()
    Image.fromarray(load_sample_image("china.jpg")).convert("L").save(file, "PNG")
    drop(room, "photograph.png", file.getvalue())
    assert [error.value for error in room.error] == [text("en", "gate.error.not_a_film")]
    assert not has_verdict(room)


def test_a_turn_gives_the_film_a_new_verdict_and_tells_so(
    room: AppTest, model: Diagnostician
) -> None:
    data = png(1)
    drop(room, "film.png", data)
    room.button(key="turn_right").click().run()
    assert not room.exception
    assert text("en", "brief.viewer.notice.turned_1") in words(room)
    assert text("en", "viewer.notice.turned_1") in details(room)
    assert text("en", "viewer.orientation.turned_1") in words(room)
    assert "PNG 300 × 280" in words(room)
    diagnosis = model.diagnose(turned(read_film(data), Turn.RIGHT))
    assert probability_words(diagnosis.probability, "en") in words(room)
    assert settings_words(diagnosis, "en") in words(room)
    room.button(key="turn_left").click().run()
    assert text("en", "brief.viewer.notice.turned_1") not in words(room)
    assert text("en", "viewer.orientation.turned_1") not in words(room)


@pytest.mark.parametrize("language", LANGUAGES)
def test_presets_and_colours_go_to_the_browser_and_the_drawer_says_what_heat_means(
    room: AppTest, model: Diagnostician, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    drawn: list[dict[str, Any]] = []
    monkeypatch.setattr("core.ui.diagnosis.viewer._draw", lambda key, data: drawn.extend(data))
    room.session_state["language"] = language
    drop(room, "film.png", png(1))
    presets = {preset["name"]: preset for preset in drawn[-1]["presets"]}
    lung = preset_windows(read_film(png(1)).pixels)[Preset.LUNG]
    assert next(iter(presets)) == Preset.FULL, "another film starts with the full range"
    assert (presets["lung"]["centre"], presets["lung"]["width"]) == (lung.centre, lung.width)
    assert set(drawn[-1]["heat"]["tables"]) == set(COLOUR_MAPS)
    told = heatmap_words(model.diagnose(read_film(png(1))).heatmap, language)
    assert told in details(room)


def test_the_verdict_stays_hidden_until_the_reader_has_given_theirs(
    room: AppTest, model: Diagnostician, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[bool] = []
    monkeypatch.setattr(
        "core.ui.diagnosis.viewer._draw", lambda key, data: drawn.append(data[0]["hidden"])
    )
    room.toggle(key="read_first").set_value(True).run()
    drop(room, "film.png", png(1))
    diagnosis = model.diagnose(read_film(png(1)))
    assert drawn[-1], "no heat either"
    assert not has_verdict(room)
    assert probability_words(diagnosis.probability, "en") not in words(room)
    room.button(key="read_normal").click().run()
    assert not room.exception
    assert not drawn[-1]
    assert text("en", f"diagnosis.verdict.{diagnosis.verdict.lower()}") in heading(room)
    normal = text("en", "diagnosis.verdict.normal")
    assert text("en", "read_first.you_said", verdict=normal) in words(room)
    room.button(key="summary").click().run()
    assert not room.exception
    assert text("en", "read_first.no_truth") in words(room)


def test_without_the_mode_nobody_is_asked(room: AppTest) -> None:
    drop(room, "film.png", png(1))
    assert has_verdict(room)
    assert not any(button.key == "read_normal" for button in room.button)


@pytest.mark.parametrize("key", [key for key in catalogue("en") if key.startswith("brief.")])
def test_a_warning_beside_the_film_has_at_most_ten_words(key: str) -> None:
    assert len(catalogue("en")[key].split()) <= 10


def test_weights_spoiled_while_the_room_is_open_are_told_and_the_right_file_heals_it(
    room: AppTest, tiny_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(tiny_weights, tmp_path / "weights"))
    shared = Loaded(lambda _: tiny_with_band(folder, 0.5, 0.5), folder)
    for module in ("session", "second_look"):
        monkeypatch.setattr(f"core.ui.diagnosis.{module}.shared_diagnostician", shared)
    drop(room, "first.png", png(1))
    assert has_verdict(room)
    file = folder / "tiny.safetensors"
    right = file.read_bytes()
    file.write_bytes(right[:-1])
    room.run()
    assert [error.value for error in room.error] == [
        text("en", "errors.weights.damaged", file=file.name)
    ]
    assert not has_verdict(room)
    file.write_bytes(right)
    room.run()
    assert has_verdict(room)
    assert not room.error


def test_another_language_runs_no_network(room: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(room, "film.png", png(1))
    forbid_networks(monkeypatch)
    for language in ("ko", "en"):
        room.session_state["language"] = language
        room.run()
        assert not room.exception
        assert has_verdict(room)
