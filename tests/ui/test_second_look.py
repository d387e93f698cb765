"""The evidence on the Diagnosis page, driven without a browser."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.imaging import read_film
from core.inference.explanation_methods import METHODS
from core.inference.model import Diagnostician
from core.inference.second_look import SMALL_CHANGES
from core.messages.catalogue import text
from core.messages.errors import WeightsMissing
from core.models.network import MEAN
from core.models.weights import DEFAULT_MODEL
from core.results.model_records import Scale
from tests.ui.test_diagnosis_page import APP, drop, png, read_with, tiny_with_band, words


@pytest.fixture
def model(tiny_weights: Path, results: Path, monkeypatch: pytest.MonkeyPatch) -> Diagnostician:
    """The one model that the app offers, with measured scales."""
    tiny = tiny_with_band(tiny_weights, 0.5, 0.5)
    tiny = Diagnostician(replace(tiny.card, name=DEFAULT_MODEL), tiny.networks)
    read_with({DEFAULT_MODEL: tiny, "other": tiny}, monkeypatch)
    monkeypatch.setattr("core.ui.diagnosis.second_look.shared_diagnostician", lambda _: tiny)
    monkeypatch.setattr("core.ui.diagnosis.second_look.shipped_models", lambda: (DEFAULT_MODEL,))
    write_scales(results, tiny.card.sha256)
    return tiny


def write_scales(results: Path, sha256: str) -> None:
    methods = {name: asdict(Scale(0.5, (1.0,), 9)) for name in METHODS if name != "grad_cam"}
    (results / "scales").mkdir(exist_ok=True)
    file = results / "scales" / f"{DEFAULT_MODEL}.json"
    file.write_text(json.dumps({"weights_sha256": sha256, "methods": methods}))


@pytest.fixture
def room(model: Diagnostician) -> AppTest:
    """The Diagnosis page with a film."""
    return drop(AppTest.from_file(APP, default_timeout=120).run(), "film.png", png(1))


def press(room: AppTest, label: str) -> AppTest:
    (button,) = [button for button in room.button if button.label == label]
    return button.click().run()


def settings_line(room: AppTest) -> str:
    return next(line for line in words(room).splitlines() if line.startswith("Heatmap by "))


def test_every_measured_method_is_offered_and_explained(room: AppTest) -> None:
    assert not room.exception
    offered = [method for method in METHODS.values() if MEAN in method.poolings]
    assert room.selectbox(key="method").options == [method.title for method in offered]
    for name, method in ((method.name, method) for method in offered):
        room.selectbox(key="method").set_value(name).run()
        assert not room.exception
        assert method.paper in words(room)
        if not method.masked_passes:
            assert settings_line(room).startswith(f"Heatmap by {method.title},")


def test_the_cards_method_is_shown_first_whatever_was_measured(
    model: Diagnostician, results: Path, room: AppTest
) -> None:
    assert room.selectbox(key="method").value == "grad_cam", "nothing was measured"
    masking = {"weights_sha256": model.card.sha256, "films": 50, "hot_share": 0.2}
    masking |= {"random_masks": 10, "lowered": {"grad_cam": 0.6, "layer_cam": 0.9}}
    (results / "masking").mkdir()
    (results / "masking" / f"{DEFAULT_MODEL}.json").write_text(json.dumps(masking))
    other = drop(AppTest.from_file(APP, default_timeout=120).run(), "film.png", png(1))
    assert other.selectbox(key="method").value == "grad_cam"
    assert settings_line(other).startswith("Heatmap by Grad-CAM,")
    assert "60.0" in words(other)
    other.selectbox(key="method").set_value("layer_cam").run()
    assert settings_line(other).startswith("Heatmap by LayerCAM,")
    assert "90.0" in words(other)


def test_without_measured_scales_there_is_no_choice(room: AppTest, results: Path) -> None:
    room.selectbox(key="method").set_value("layer_cam").run()
    write_scales(results, "of other weights")
    room.run()
    assert not room.exception
    assert not [box for box in room.selectbox if box.key == "method"]
    assert settings_line(room).startswith("Heatmap by Grad-CAM,")


def test_another_method_changes_the_settings_and_no_verdict(room: AppTest) -> None:
    before, verdict = settings_line(room), room.markdown[0].value
    room.selectbox(key="method").set_value("layer_cam").run()
    assert settings_line(room) != before
    assert room.markdown[0].value == verdict
    room.selectbox(key="method").set_value("grad_cam").run()
    assert settings_line(room) == before


def test_a_costly_method_tells_its_cost_and_waits(room: AppTest, model: Diagnostician) -> None:
    room.selectbox(key="method").set_value("score_cam").run()
    passes = METHODS["score_cam"].masked_passes
    assert f"reads the film {passes} more times" in words(room)
    assert settings_line(room).startswith("Heatmap by Grad-CAM,"), "until it is made"
    press(room, text("en", "second_look.run", method="Score-CAM"))
    assert not room.exception
    assert settings_line(room).startswith("Heatmap by Score-CAM,")
    kept = room.session_state["second_look"][1]["score_cam"]
    expected = model.heatmap(read_film(png(1)), METHODS["score_cam"], Scale(0.5, (1.0,), 9))
    np.testing.assert_array_equal(kept.evidence, expected.evidence)


def test_what_was_made_of_one_film_is_gone_with_it(room: AppTest) -> None:
    room.selectbox(key="method").set_value("score_cam").run()
    press(room, text("en", "second_look.run", method="Score-CAM"))
    press(room, text("en", "second_look.button.steadiness"))
    assert text("en", "second_look.button.steadiness") not in [b.label for b in room.button]
    drop(room, "other.png", png(2))
    assert not room.exception
    assert settings_line(room).startswith("Heatmap by Grad-CAM,")
    assert text("en", "second_look.button.steadiness") in [b.label for b in room.button]


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("votes", "All 1 models say the same"),
        ("steadiness", f"Under {len(SMALL_CHANGES)} small changes"),
        ("masked", "Masking the hottest 20"),
    ],
)
def test_a_second_look_comes_on_request_and_stays(room: AppTest, part: str, told: str) -> None:
    assert told not in words(room)
    press(room, text("en", f"second_look.button.{part}"))
    assert not room.exception
    assert told in words(room)
    room.slider(key="opacity").set_value(80).run()
    assert told in words(room)


def test_broken_weights_of_another_model_are_told_in_their_place(
    room: AppTest, model: Diagnostician, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Diagnostician:
        if name == DEFAULT_MODEL:
            return model
        raise WeightsMissing(file=f"{name}.safetensors")

    monkeypatch.setattr("core.ui.diagnosis.second_look.shared_diagnostician", missing)
    monkeypatch.setattr(
        "core.ui.diagnosis.second_look.shipped_models", lambda: (DEFAULT_MODEL, "torn")
    )
    press(room, text("en", "second_look.button.votes"))
    assert not room.exception
    assert "torn.safetensors" in room.error[0].value


def test_korean_has_words_for_all_of_it(
    model: Diagnostician, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.ui.frame.settings.model_title", str)  # AppTest asks for it in English
    room = AppTest.from_file(APP, default_timeout=120)
    room.session_state["language"] = "ko"
    drop(room.run(), "film.png", png(1))
    assert text("ko", "second_look.title") in words(room)
    for part in ("votes", "steadiness", "masked"):
        press(room, text("ko", f"second_look.button.{part}"))
    assert not room.exception
    assert text("ko", "second_look.votes.note") in words(room)
