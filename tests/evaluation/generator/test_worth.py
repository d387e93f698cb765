"""What synthetic films are worth: likeness, memorisation, the mark, and the gallery."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray

import core.evaluation.generator.gallery
import core.inference.model
from core.data.labels import CLASSES
from core.evaluation.generator.features import Features
from core.evaluation.generator.gallery import RECORD, make_gallery
from core.evaluation.generator.likeness import likeness, share_among, some
from core.evaluation.generator.measure import measure
from core.evaluation.generator.memory import Memory, Nearest, is_copy
from core.evaluation.generator.real_films import real_films
from core.imaging import read_film, read_film_file
from core.inference.model import Diagnostician
from core.messages.errors import HeldOutDiffers
from core.models.generator.generator import drawn_size
from core.models.generator.picture import (
    MARK_SHARE,
    above_mark,
    dicom_file,
    marked,
    png_file,
    sheet,
)
from core.training.generator.drawn_films import draw_films
from tests.evaluation.generator.conftest import Trained
from tests.support.phantoms import chest_phantom

Grey = NDArray[np.uint8]


def phantoms(count: int, seed: int = 0) -> Grey:
    return np.stack([chest_phantom(128, 128, seed + number) for number in range(count)])


class _Coarse:
    """Stands for the network: the mean grey of each of 64 blocks."""

    def of(self, films: Grey) -> NDArray[np.float32]:
        small = torch.nn.functional.adaptive_avg_pool2d(torch.from_numpy(films).float(), 8)
        return small.flatten(1).numpy()


class TestLikeness:
    def test_a_set_is_like_itself_and_unlike_what_is_far_away(
        self, random: np.random.Generator
    ) -> None:
        real = random.normal(size=(60, 8)).astype(np.float32)
        same = likeness(real, real.copy())
        assert same["fid"] == pytest.approx(0, abs=1e-3)
        assert (same["precision"], same["recall"]) == (1, 1)
        far = likeness(real, real + 10)
        assert far["fid"] == pytest.approx(8 * 10**2, rel=1e-3)  # the squared distance of means
        assert (far["precision"], far["recall"]) == (0, 0)
        assert far["kid"] > same["kid"]

    def test_a_generator_of_one_film_is_precise_and_recalls_little(
        self, random: np.random.Generator
    ) -> None:
        real = torch.from_numpy(random.normal(size=(50, 4)))
        drawn = real[:1] + 1e-6 * torch.from_numpy(random.normal(size=(50, 4)))
        assert share_among(drawn, real) == 1
        assert share_among(real, drawn) <= 0.04

    def test_some_are_drawn_once_each(self) -> None:
        rows = np.arange(10, dtype=np.float32)[:, None]
        assert len(np.unique(some(rows, 4))) == 4
        assert len(some(rows, 99)) == 10


class TestMemory:
    def test_a_training_film_is_a_copy_mirrored_too_and_another_is_none(self) -> None:
        taught = phantoms(6)
        memory = Memory(taught, _Coarse())  # type: ignore[arg-type]
        copies = memory.nearest(np.stack([taught[2], taught[3, :, ::-1]]))
        assert np.allclose(copies.pixels, 0, atol=1e-3)
        others = memory.nearest(phantoms(3, seed=50))
        assert (others.pixels > 0.01).all()
        limits = others.limits()
        assert is_copy(copies, limits).all()
        assert is_copy(others, limits).sum() == 1  # one of so few is under their percentile

    def test_either_distance_makes_a_copy(self) -> None:
        nearest = Nearest(np.float32([0.1, 0.3, 0.3]), np.float32([9, 1, 9]))
        assert is_copy(nearest, (0.2, 2.0)).tolist() == [True, True, False]

    def test_the_mark_hides_no_copy(self) -> None:
        taught = phantoms(4)
        shipped = drawn_size(marked(taught[1])[None])
        assert float(Memory(taught, _Coarse()).nearest(shipped).pixels[0]) < 0.03  # type: ignore[arg-type]


class TestPictures:
    def test_the_mark_stays_in_its_strip(self) -> None:
        film = np.full((128, 128), 90, np.uint8)
        shown = marked(film)
        assert shown.shape == (512, 512)
        assert (above_mark(shown[None]) == 90).all()
        strip = shown[-round(512 * MARK_SHARE) :]
        assert (strip == 255).sum() > 200
        assert (strip == 0).sum() > 200

    @pytest.mark.parametrize("kind", ["png", "dicom"])
    def test_a_film_says_of_itself_that_it_is_synthetic(self, kind: str) -> None:
        shown = marked(phantoms(1)[0])
        data = png_file(shown) if kind == "png" else dicom_file(shown, "normal-1")
        film = read_film(data)
        assert film.facts.synthetic
        assert "film.notice.synthetic" in [notice.key for notice in film.notices]
        np.testing.assert_array_equal((film.pixels * 255).round(), shown)
        again = png_file(shown) if kind == "png" else dicom_file(shown, "normal-1")
        assert again == data

    def test_a_sheet_holds_every_film_under_its_mark(self) -> None:
        films = phantoms(4)
        grid = sheet(films, columns=2)
        assert grid.shape == (32 + 256, 256)
        np.testing.assert_array_equal(grid[-128:, -128:], films[3])
        assert grid[:32].max() > 200


def test_real_films_are_those_of_the_training(trained: Trained, tmp_path: Path) -> None:
    real = real_films(trained.data, trained.card)
    assert len(real.taught) == trained.card.films
    assert len(real.held_out) == 8
    assert set(real.held_out_labels) == set(CLASSES)
    with pytest.raises(HeldOutDiffers):
        real_films(trained.data, replace(trained.card, fold=1))


@pytest.fixture(scope="module")
def measured(trained: Trained) -> Path:
    """Folder of what ``measure`` wrote."""
    measure(trained.data, trained.results, trained.weights, most=6, seed=1)
    return trained.results / "synthetic"


def test_measuring_tells_likeness_by_class_and_counts_copies(measured: Path) -> None:
    content = json.loads((measured / "metrics.json").read_text())
    for label in CLASSES:
        figures = content["likeness"][label]
        assert (figures["n"], figures["n_held_out"]) == (6, 4)
        assert figures["synthetic"]["fid"] > figures["real"]["fid"]  # nothing is learnt yet
    table = pd.read_csv(measured / "distances.csv")
    assert table.groupby(["set", "label"]).size().tolist() == [4, 4, 6, 6]
    held_out = table[table["set"] == "held_out"]
    limits = content["memorisation"]["limits"]
    assert limits["pixels"] == pytest.approx(held_out["pixels"].quantile(0.01), rel=1e-3)
    assert content["memorisation"]["held_out"]["of"] == 8


@pytest.fixture
def lenient(tiny_weights: Path, trained: Trained, monkeypatch: pytest.MonkeyPatch) -> Diagnostician:
    """Let what is no film yet through the gate, few candidates, and a tiny model read them."""
    tiny = Diagnostician.load("tiny", tiny_weights)
    monkeypatch.setattr(core.evaluation.generator.gallery, "passes_gate", lambda film: True)
    monkeypatch.setattr(core.evaluation.generator.gallery, "shared_diagnostician", lambda: tiny)
    monkeypatch.setattr(core.evaluation.generator.gallery, "MOST_CANDIDATES", 3)
    monkeypatch.setattr(core.inference.model, "why_no_verdict", lambda *_: ())
    return tiny


def test_the_gallery_holds_marked_films_that_passed_and_counts_the_others(
    trained: Trained, tmp_path: Path, lenient: Diagnostician
) -> None:
    content = make_gallery(trained.data, tmp_path, trained.weights, each=2, seed=0)
    folder = tmp_path / "synthetic" / "gallery"
    assert json.loads((folder / RECORD).read_text()) == content
    assert content["films"], "the tiny model calls all films alike, so one class is full"
    for row in content["films"]:
        film = read_film_file(folder / row["file"])
        assert film.facts.synthetic
        assert film.sha256 == row["sha256"]
        assert row["pixels"] >= content["limits"]["pixels"]
        assert row["features"] >= content["limits"]["features"]
        assert lenient.diagnose(film).verdict.value == row["label"]
    for label in CLASSES:
        tally = content["candidates"][label]
        ships = sum(row["label"] == label for row in content["films"]) / 2
        assert tally["drawn"] == tally["gate"] + tally["copy"] + tally["model"] + ships


def test_films_for_training_are_drawn_once_and_anew_for_another_seed(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = draw_films(trained.data, tmp_path, trained.weights, share=0.25, seed=0)
    files = sorted(folder.glob("*/*.png"))
    assert [file.parent.name for file in files] == ["NORMAL"] * 2 + ["PNEUMONIA"] * 2
    assert all(read_film_file(file).facts.synthetic for file in files)
    first = files[0].read_bytes()
    files[0].unlink()
    kept = files[1].stat().st_mtime_ns
    draw_films(trained.data, tmp_path, trained.weights, share=0.25, seed=0)
    assert files[0].read_bytes() == first
    assert files[1].stat().st_mtime_ns == kept
    draw_films(trained.data, tmp_path, trained.weights, share=0.25, seed=1)
    assert files[0].read_bytes() != first


def test_features_are_of_imagenet_and_one_a_film() -> None:
    films = phantoms(3)
    features = Features().of(films)
    assert features.shape == (3, 1280)
    assert np.linalg.norm(features[0] - features[1]) > 0.1
