"""The input gate: what is a frontal chest film, how it lies, and what is stopped."""

import hashlib
import json
import shutil
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from pydicom.data import get_testdata_file
from safetensors.torch import save_file
from sklearn.datasets import load_sample_image

import core.cli.measure_gate
import core.cli.train_gate
import core.evaluation.gate
import core.training.gate.train
from core.data.broken_films import broken
from core.data.drawn_pictures import SIDE_PX, TAUGHT, UNSEEN
from core.data.folder import data_folder, held_out, read_films
from core.data.non_films import drawn_film, scan_non_films
from core.imaging import Film, Notice, Turn, read_film
from core.inference.gate import (
    GATE_VARIABLE,
    FilmKind,
    Gate,
    GateReport,
    admit,
    set_right,
    shared_gate,
    turned_by_hand,
)
from core.messages.catalogue import LANGUAGES
from core.messages.errors import (
    FolderMissing,
    NotAChestFilm,
    WeightsDamaged,
    WeightsMismatch,
    WeightsMissing,
)
from core.models.gate import INPUT_PX, GateNetwork
from core.models.gate_card import CARD_NAME, GATE_FOLDER, WEIGHTS_NAME
from core.training.gate.views import Views
from tests.conftest import draw_data_folder, patient_name

DRAWN = {**TAUGHT, **UNSEEN}
FILMS = 40
"""How many real films are looked at, where there are any."""


def as_film(grey: NDArray[np.floating]) -> Film:
    """A grey picture of any range, read as a file of 8 bits."""
    stretched = (grey - grey.min()) / np.ptp(grey)
    file = BytesIO()
    Image.fromarray((255 * stretched).astype(np.uint8)).resize((256, 256)).save(file, "PNG")
    return read_film(file.getvalue())


def slice_of(name: str) -> NDArray[np.floating]:
    """The first picture of one of pydicom's own files, in grey."""
    values = pydicom.dcmread(str(get_testdata_file(name, download=False))).pixel_array
    values = values[0] if values.ndim == 4 else values
    grey: NDArray[np.floating] = (values.mean(2) if values.ndim == 3 else values).astype(float)
    return grey


@pytest.fixture(scope="module")
def gate() -> Gate:
    return shared_gate()


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate is at work here; other tests leave it open."""
    monkeypatch.delenv(GATE_VARIABLE)


@pytest.fixture(scope="module")
def films() -> list[Film]:
    """Some of the films that nothing was trained or chosen on."""
    data = data_folder()
    if data is None:
        pytest.skip("no data folder: set CHEST_XRAY_DIR")
    records = held_out(data, 8, 0, 0)
    return list(read_films(data, records[:: len(records) // FILMS]))


@pytest.fixture
def film(random: np.random.Generator) -> Film:
    """A picture of no meaning, higher than wide."""
    file = BytesIO()
    Image.fromarray(random.integers(0, 256, (90, 70), np.uint8)).save(file, "PNG")
    return read_film(file.getvalue())


class TestPicturesThatAreNoFilms:
    @pytest.mark.parametrize("name", ["china.jpg", "flower.jpg"])
    def test_photographs_are_stopped(self, gate: Gate, name: str) -> None:
        assert gate.inspect(as_film(load_sample_image(name).mean(2))).kind is not FilmKind.FILM

    @pytest.mark.parametrize(
        "name", ["CT_small.dcm", "MR_small.dcm", "examples_overlay.dcm", "examples_palette.dcm"]
    )
    def test_slices_and_ultrasound_are_stopped(self, gate: Gate, name: str) -> None:
        assert gate.inspect(as_film(slice_of(name))).kind is not FilmKind.FILM

    @pytest.mark.parametrize("name", DRAWN)
    def test_drawn_pictures_are_stopped(self, gate: Gate, name: str) -> None:
        kinds = [gate.inspect(drawn_film(DRAWN[name], seed)).kind for seed in range(10)]
        assert FilmKind.FILM not in kinds

    def test_a_plain_one_is_refused_in_every_language(self) -> None:
        with pytest.raises(NotAChestFilm) as refused:
            admit(drawn_film(TAUGHT["page"], seed=0))
        messages = {refused.value.message(language) for language in LANGUAGES}
        assert len(messages) == len(LANGUAGES)


class TestFilms:
    def test_they_are_let_in_as_they_are(self, gate: Gate, films: list[Film]) -> None:
        reports = [gate.inspect(film) for film in films]
        assert sum(report.kind is FilmKind.FILM for report in reports) >= len(films) - 1
        assert [report for report in reports if report.quarter_turns or report.inverted] == []
        plain = next(f for f, r in zip(films, reports, strict=True) if r.kind is FilmKind.FILM)
        assert admit(plain) is not None
        assert set_right(plain, gate.inspect(plain)) is plain

    @pytest.mark.parametrize("turn", range(4))
    @pytest.mark.parametrize("inverted", [False, True])
    def test_turned_and_inverted_ones_are_set_right(
        self, films: list[Film], turn: int, inverted: bool
    ) -> None:
        right = 0
        for film in films:
            pixels = np.rot90(1 - film.pixels if inverted else film.pixels, turn)
            height, width = pixels.shape
            facts = replace(film.facts, width_px=width, height_px=height)
            back = admit(replace(film, pixels=np.ascontiguousarray(pixels), facts=facts))
            right += back.facts == film.facts and np.allclose(back.pixels, film.pixels, atol=1e-6)
        assert right >= len(films) - 2

    def test_turned_by_hand_they_are_warned_of_and_left_as_the_reader_has_them(
        self, films: list[Film]
    ) -> None:
        doubt, warned = Notice("gate.notice.perhaps_turned"), 0
        for film in films[:10]:
            on_its_side = turned_by_hand(film, Turn.LEFT)
            assert np.array_equal(on_its_side.pixels, np.rot90(film.pixels))
            warned += doubt in on_its_side.notices
            assert doubt not in turned_by_hand(on_its_side, Turn.RIGHT).notices
        assert warned >= 9


class TestSettingRight:
    @pytest.mark.parametrize("turn", range(4))
    @pytest.mark.parametrize("inverted", [False, True])
    def test_it_undoes_what_was_found(self, film: Film, turn: int, inverted: bool) -> None:
        pixels = np.rot90(1 - film.pixels if inverted else film.pixels, turn)
        height, width = pixels.shape
        facts = replace(film.facts, width_px=width, height_px=height)
        seen = replace(film, pixels=np.ascontiguousarray(pixels), facts=facts)
        back = set_right(seen, GateReport(FilmKind.FILM, turn, inverted))
        np.testing.assert_allclose(back.pixels, film.pixels, atol=1e-6)
        assert (back.facts, back.sha256) == (film.facts, film.sha256)
        said = back.notices[len(film.notices) :]
        assert len(said) == (turn > 0) + inverted
        for notice in said:
            assert len({notice.message(language) for language in LANGUAGES}) == len(LANGUAGES)

    def test_a_film_that_lies_right_is_the_same(self, film: Film) -> None:
        assert set_right(film, GateReport(FilmKind.FILM, 0, False)) is film

    @pytest.mark.parametrize(
        ("farthest", "kind", "said"),
        [(-1.0, FilmKind.DOUBTFUL, "unlike"), (1e9, FilmKind.FILM, "unfamiliar")],
    )
    def test_what_the_head_knows_is_never_refused_for_its_distance(
        self, gate: Gate, film: Film, farthest: float, kind: FilmKind, said: str
    ) -> None:
        limits = replace(
            gate.card.thresholds,
            film_refused=-1e9,
            film_doubted=-1e9,
            film_unfamiliar=-1e9,
            distance_unfamiliar=(-1.0, -1.0),
            distance_doubted=(farthest, farthest),
            turn_confidence=0.5,
            inverted_confidence=0.5,
        )
        report = Gate(replace(gate.card, thresholds=limits), gate.network).inspect(film)
        assert report.kind is kind
        assert f"gate.notice.{said}" in {notice.key for notice in report.notices}

    def test_doubt_lets_a_film_in_with_a_reason(
        self, gate: Gate, film: Film, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        distances = gate.network(torch.zeros(1, 1, INPUT_PX, INPUT_PX)).distance
        assert distances.shape == (1, 2)
        lenient = replace(
            gate.card.thresholds,
            film_refused=-1e9,
            film_doubted=1e9,
            film_unfamiliar=1e9,
            distance_doubted=(1e9, 1e9),
        )
        doubting = Gate(replace(gate.card, thresholds=lenient), gate.network)
        monkeypatch.setattr("core.inference.gate.shared_gate", lambda: doubting)
        report = doubting.inspect(film)
        assert report.kind is FilmKind.DOUBTFUL
        assert "gate.notice.unlike" in {notice.key for notice in admit(film).notices}
        assert set(report.notices) <= set(admit(film).notices)


class TestWeights:
    @pytest.fixture
    def copied(self, tmp_path: Path) -> Path:
        return Path(shutil.copytree(GATE_FOLDER, tmp_path / "gate"))

    def test_the_shipped_gate_is_loaded_once(self) -> None:
        assert shared_gate() is shared_gate()
        parameters = sum(part.numel() for part in GateNetwork().parameters())
        assert parameters == shared_gate().card.parameters

    @pytest.mark.parametrize("name", [CARD_NAME, WEIGHTS_NAME])
    def test_a_missing_file_is_named(self, copied: Path, name: str) -> None:
        (copied / name).unlink()
        with pytest.raises(WeightsMissing, match=name):
            Gate.load(copied)

    def test_other_weights_than_the_cards_are_refused(self, copied: Path) -> None:
        file = copied / WEIGHTS_NAME
        data = bytearray(file.read_bytes())
        data[-1] ^= 1
        file.write_bytes(data)
        with pytest.raises(WeightsDamaged):
            Gate.load(copied)

    def test_weights_of_another_network_are_refused(self, copied: Path) -> None:
        save_file({"other": torch.zeros(1)}, copied / WEIGHTS_NAME)
        content = json.loads((copied / CARD_NAME).read_text())
        content["sha256"] = hashlib.sha256((copied / WEIGHTS_NAME).read_bytes()).hexdigest()
        (copied / CARD_NAME).write_text(json.dumps(content))
        with pytest.raises(WeightsMismatch):
            Gate.load(copied)

    @pytest.mark.parametrize("card", ["{}", "[]", "no JSON", '{"thresholds": {}}'])
    def test_a_damaged_card_is_refused(self, copied: Path, card: str) -> None:
        (copied / CARD_NAME).write_text(card)
        with pytest.raises(WeightsDamaged):
            Gate.load(copied)

    @pytest.mark.parametrize(
        "changed",
        [
            {"film_refused": 1e9},
            {"distance_unfamiliar": (1.0,)},
            {"turn_confidence": 0.4},
            {"inverted_confidence": 1.0},
        ],
    )
    def test_thresholds_check_themselves(self, gate: Gate, changed: dict[str, float]) -> None:
        with pytest.raises(ValueError, match=r"must"):
            replace(gate.card.thresholds, **changed)


class TestPictures:
    @pytest.mark.parametrize("name", DRAWN)
    def test_a_seed_draws_one_picture(self, name: str) -> None:
        one, again, other = (DRAWN[name](np.random.default_rng(seed)) for seed in (0, 0, 1))
        assert one.shape == (SIDE_PX, SIDE_PX)
        assert one.dtype == np.float32
        assert 0 <= one.min() < one.max() <= 1
        np.testing.assert_array_equal(one, again)
        assert np.any(one != other)

    def test_the_unseen_ones_were_not_taught(self) -> None:
        assert not set(TAUGHT) & set(UNSEEN)
        assert not set(TAUGHT.values()) & set(UNSEEN.values())

    def test_a_broken_film_has_the_same_size_and_range(self, random: np.random.Generator) -> None:
        films = [torch.rand(1, SIDE_PX, SIDE_PX) for _ in range(4)]
        for _ in range(12):
            picture = broken(films, random)
            assert picture.shape == (1, SIDE_PX, SIDE_PX)
            assert 0 <= picture.min() <= picture.max() <= 1

    def test_a_folder_without_non_films_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(FolderMissing):
            scan_non_films(tmp_path)

    def test_views_depend_on_their_index_alone(self, random: np.random.Generator) -> None:
        films = random.integers(0, 256, (3, SIDE_PX, SIDE_PX), np.uint8)
        views = Views(films, [films], length=4, seed=0)
        for index in range(len(views)):
            (image, target), (again, same) = views[index], views[index]
            assert image.shape == (1, INPUT_PX, INPUT_PX)
            assert torch.equal(image, again)
            assert torch.equal(target, same)


@pytest.fixture(scope="module")
def tiny_films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with twelve patients of each class."""
    root = tmp_path_factory.mktemp("gate_films")
    return draw_data_folder(root, {"train": 24}, patient_name)


@pytest.fixture(scope="module")
def tiny_non_films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of non-films with two kinds, and one file that cannot be read."""
    root = tmp_path_factory.mktemp("non_films")
    for kind in ("noise", "pages"):
        folder = root / kind / "made up 1.0"
        folder.mkdir(parents=True)
        for seed in range(3):
            grey = (255 * DRAWN["static"](np.random.default_rng(seed))).astype(np.uint8)
            Image.fromarray(grey).save(folder / f"{seed}.png")
    (root / "pages" / "made up 1.0" / "notes.txt").write_text("no picture")
    return root


@pytest.fixture(scope="module")
def made(tiny_films: Path, tiny_non_films: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a gate that was trained for two steps and fitted on few views."""
    folder = tmp_path_factory.mktemp("made_gate")
    options = [str(tiny_non_films), "--version", "0.0", "--data", str(tiny_films)]
    options += ["--weights", str(folder), "--steps", "2", "--workers", "0"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.training.gate.train, "FITTED_VIEWS", 96)
        assert core.cli.train_gate.main(options) == 0
    return folder


class TestMaking:
    def test_a_made_gate_loads(self, made: Path) -> None:
        card = Gate.load(made).card
        assert card.version == "0.0"
        assert card.films + card.calibration_films < 48
        assert card.non_films == {"noise: made up 1.0": 3, "pages: made up 1.0": 4}

    def test_its_distances_are_about_one_for_training_films(self, made: Path) -> None:
        network = Gate.load(made).network
        assert isinstance(network, GateNetwork)
        assert torch.isfinite(network(torch.rand(2, 1, INPUT_PX, INPUT_PX)).distance).all()

    def test_without_a_folder_it_says_so(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        nowhere = str(tmp_path / "nowhere")
        assert core.cli.train_gate.main([nowhere, "--version", "1", "--data", nowhere]) == 1
        assert core.cli.measure_gate.main([nowhere, "--data", nowhere]) == 1
        assert "error" in capsys.readouterr().err

    def test_it_is_measured(
        self,
        made: Path,
        tiny_films: Path,
        tiny_non_films: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(core.evaluation.gate, "DRAWN_PICTURES", 3)
        options = [str(tiny_non_films), "--data", str(tiny_films), "--weights", str(made)]
        options += ["--results", str(tmp_path), "--elsewhere", str(tiny_films / "train" / "NORMAL")]
        assert core.cli.measure_gate.main(options) == 0
        found = json.loads((tmp_path / "gate.json").read_text())
        assert found["weights_sha256"] == Gate.load(made).card.sha256
        assert found["elsewhere"]["NORMAL"]["n"] == 24
        assert found["non_films"]["pages"]["made up 1.0"]["refused_on_reading"] == 1
        for counts in found["held_out_films"]["conditions"].values():
            assert counts["film"] + counts["doubtful"] + counts["refused"] == counts["n"]
        sources = [c for kind in found["non_films"].values() for c in kind.values()]
        assert sum(counts["n"] for counts in sources) == found["non_films_total"]["n"]
