"""Films with their lungs: from a folder to arrays, kept once made, and original proportions."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

import core.inference.films
from core.data.films import Films, joined
from core.data.folder import training_pool
from core.data.outlines import (
    lung_heights,
    original_proportions,
    outlined,
    read_outline,
    read_outlines,
)
from core.inference.films import CACHE_FOLDER, films_with_lungs, load_films
from core.messages.errors import FolderMissing, WeightsMissing
from core.models.hardware import is_bf16_fast, reading_device
from tests.conftest import draw_data_folder, patient_name
from tests.support.phantoms import chest_phantom
from tests.support.tiny import drawn_lungs


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Drawn lungs in the place of the segmenter; names each time that films are made."""
    made: list[str] = []
    honest = core.inference.films._found

    def found(root: Path, *rest: Any) -> Films:
        made.append(root.name)
        return honest(root, *rest)

    monkeypatch.setattr(core.inference.films, "load_shipped_lungs", drawn_lungs)
    monkeypatch.setattr(core.inference.films, "_found", found)
    return made


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with three films of each class in ``train`` and two in ``test``."""
    return draw_data_folder(tmp_path / "films", {"train": 3, "test": 2}, patient_name)


def describe_sizes(data: Path, sizes: dict[str, tuple[int, int]]) -> None:
    """Write films.csv beside the data folder."""
    folder = data.parent / "lungs"
    folder.mkdir(exist_ok=True)
    rows = [(image, width, height, "") for image, (width, height) in sizes.items()]
    columns = ["image", "width_px", "height_px", "annotation"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "films.csv", index=False)


@pytest.mark.usefixtures("quick")
class TestLoading:
    def test_splits_come_in_the_order_asked_for(self, data: Path, tmp_path: Path) -> None:
        films = load_films(data, tmp_path, ("train", "test"))
        assert [record.split for record in films.records] == ["train"] * 6 + ["test"] * 4
        assert films.pixels.shape == films.lungs.shape == (10, 224, 224)
        assert films.pixels.dtype == films.lungs.dtype == np.uint8
        assert films.proportions.dtype == np.float32
        assert films.records[:6] == training_pool(data)
        assert (films.lungs > 127).mean() > 0.1

    def test_they_are_made_once_and_are_the_same_from_the_files(
        self, data: Path, tmp_path: Path, quick: list[str]
    ) -> None:
        first = load_films(data, tmp_path, ("train",))
        again = load_films(data, tmp_path, ("train",))
        assert quick == ["films"]
        for part in ("pixels", "lungs", "proportions"):
            assert np.array_equal(getattr(first, part), getattr(again, part))
        assert len(list((tmp_path / CACHE_FOLDER).iterdir())) == 1, "no draft is left"

    def test_other_films_and_other_weights_are_made_anew(
        self, data: Path, tmp_path: Path, quick: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        load_films(data, tmp_path, ("train",))
        Image.fromarray(chest_phantom(64, 64, 99)).save(data / "train/NORMAL/IM-9000-0001.png")
        assert len(load_films(data, tmp_path, ("train",))) == 7
        card, network = drawn_lungs()
        other = replace(card, sha256="1" * 64)
        monkeypatch.setattr(
            core.inference.films, "load_shipped_lungs", lambda folder: (other, network)
        )
        load_films(data, tmp_path, ("train",))
        assert len(quick) == 3

    def test_writing_into_films_leaves_the_files_as_they_are(
        self, data: Path, tmp_path: Path
    ) -> None:
        films = load_films(data, tmp_path, ("train",))
        before = films.pixels.copy()
        films.pixels[:] = 0
        films.tensors()[0].zero_()
        assert np.array_equal(load_films(data, tmp_path, ("train",)).pixels, before)

    def test_proportions_are_the_original_ones_or_their_median(
        self, data: Path, tmp_path: Path
    ) -> None:
        known = [record.image for record in training_pool(data)][:3]
        sizes = dict(zip(known, [(1500, 1000), (1200, 1000), (1000, 1000)], strict=True))
        describe_sizes(data, sizes)
        films = load_films(data, tmp_path, ("train",))
        expected = [sizes[r.image][0] / 1000 if r.image in sizes else 1.2 for r in films.records]
        assert films.proportions.tolist() == pytest.approx(expected)

    def test_films_that_were_not_squashed_have_their_own(self, tmp_path: Path) -> None:
        folder = tmp_path / "large" / "train"
        for label, (height, width) in {"NORMAL": (300, 450), "PNEUMONIA": (64, 96)}.items():
            (folder / label).mkdir(parents=True)
            Image.fromarray(chest_phantom(height, width, 1)).save(folder / label / "one.png")
        films = load_films(folder.parent, tmp_path, ("train",))
        assert films.proportions.tolist() == pytest.approx([1.5, 1.5], abs=0.01)


class TestWholeFilms:
    def test_borders_stay_where_whole_films_are_read(self, tmp_path: Path) -> None:
        folder = tmp_path / "framed" / "train" / "NORMAL"
        folder.mkdir(parents=True)
        canvas = np.zeros((300, 600), np.uint8)
        canvas[:, 150:450] = chest_phantom(300, 300, 1)
        Image.fromarray(canvas).save(folder / "one.png")
        shutil.copytree(folder, folder.parent / "PNEUMONIA")
        cut, whole = (
            load_films(tmp_path / "framed", tmp_path, ("train",), whole=whole).pixels
            for whole in (False, True)
        )
        assert not whole[:, :, :50].any()
        assert cut[:, :, :50].any()

    def test_both_are_kept_apart(self, data: Path, tmp_path: Path) -> None:
        records = training_pool(data)[:2]
        for whole in (False, True, True):
            films_with_lungs(data, records, tmp_path, whole=whole)
        assert len(list((tmp_path / CACHE_FOLDER).iterdir())) == 2


def test_the_shipped_segmenter_is_asked_for(data: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        films_with_lungs(data, training_pool(data), tmp_path, tmp_path / "nowhere")


def test_the_shipped_segmenter_finds_lungs(data: Path, tmp_path: Path) -> None:
    films = films_with_lungs(data, training_pool(data)[:2], tmp_path)
    assert films.lungs.shape == (2, 224, 224)


class TestFilms:
    def test_parts_must_be_as_many(self, data: Path) -> None:
        pixels, ones = np.zeros((5, 8, 8), np.uint8), np.ones(6, np.float32)
        with pytest.raises(ValueError, match="differ in number"):
            Films(training_pool(data), pixels, pixels, ones)

    def test_joined_films_keep_their_order(self, data: Path) -> None:
        records = training_pool(data)
        pixels = np.arange(6, dtype=np.uint8)[:, None, None] * np.ones((1, 2, 2), np.uint8)
        films = Films(records, pixels, pixels, np.arange(6, dtype=np.float32))
        turned = joined(films.some([3, 4]), films.some([0]))
        assert turned.proportions.tolist() == [3, 4, 0]
        assert turned.records == (records[3], records[4], records[0])
        assert turned.pixels[:, 0, 0].tolist() == [3, 4, 0]


class TestOutlines:
    def test_an_outline_is_read_where_there_is_one(self, data: Path) -> None:
        records = training_pool(data)
        drawn = np.zeros((224, 224), bool)
        drawn[50:150, 30:90] = True
        file = (data.parent / "lungs" / records[1].image).with_suffix(".png")
        file.parent.mkdir(parents=True)
        Image.fromarray(drawn).save(file)
        assert read_outline(data, records[0].image) is None
        assert np.array_equal(read_outlines(data, outlined(data, records))[0], drawn)
        assert outlined(data, records) == (records[1],)

    def test_lungs_are_as_high_as_the_outline_is_in_the_original_film(self, data: Path) -> None:
        records = training_pool(data)
        for record, rows in zip(records[:2], (112, 56), strict=True):
            drawn = np.zeros((224, 224), bool)
            drawn[10 : 10 + rows, 30:90] = True
            file = (data.parent / "lungs" / record.image).with_suffix(".png")
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(drawn).save(file)
        describe_sizes(data, {records[0].image: (1500, 1000), records[2].image: (900, 900)})
        heights = lung_heights(data, records[:3])
        assert heights[0] == pytest.approx(500)
        assert np.isnan(heights[1:]).all(), "no size, or no outline"

    def test_without_a_folder_of_outlines_it_is_told(self, data: Path) -> None:
        with pytest.raises(FolderMissing):
            outlined(data, training_pool(data))
        assert original_proportions(data, training_pool(data)).tolist() == [1.0] * 6


def test_the_reading_device_is_there() -> None:
    assert torch.zeros(1, device=reading_device()).device.type in ("cpu", "cuda")
    assert isinstance(is_bf16_fast("cpu"), bool)
