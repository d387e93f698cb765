"""The data set: its summary, figures and words, and what training does to a film."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.cli.describe import main
from core.data.labels import Label
from core.data.preview import SHOWN_POLICIES, augmented, examples, mixed
from core.data.summary import DataSummary, summarise
from core.messages.catalogue import LANGUAGES
from core.messages.errors import ClassEmpty, FilmUnreadable, FolderMissing
from core.reporting.captions.films import (
    counts_table,
    films_sentence,
    tiles,
)
from core.reporting.charts.films import brightness_chart, counts_chart
from core.results.data_summary import read_summary, write_summary
from core.results.folder import RESULTS_VARIABLE


def told(facts: Mapping[str, Any], counts: pd.DataFrame, language: str = "en") -> str:
    """What the tiles say, all of it."""
    return " ".join(f"{tile.value} {tile.meaning}" for tile in tiles(facts, counts, language))


@pytest.fixture(scope="module")
def summary(tiny_data: Path) -> DataSummary:
    """The summary of 12 + 12 training films and 3 + 3 test films."""
    return summarise(tiny_data)


def test_the_summary_counts_films_patients_and_causes(summary: DataSummary) -> None:
    counts = summary.counts.set_index(["split", "label"])
    assert counts.loc[("train", "NORMAL"), "films"] == 12
    assert counts.loc[("train", "PNEUMONIA"), "patients"] == 6
    assert counts.loc[("test", "PNEUMONIA"), "virus"] == 3
    assert counts["bacteria"].sum() == 0
    assert summary.brightness["films"].sum() == summary.facts["films"] == 30
    assert summary.brightness["brightness"].between(0, 1).all()
    assert summary.facts["image_sizes"] == [{"width_px": 64, "height_px": 64, "films": 30}]


def test_identical_files_and_shared_patients_are_found(tiny_data: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_data, tmp_path / "films"))
    original = folder / "train/PNEUMONIA/person0_virus_0.png"
    shutil.copy(original, folder / "test/PNEUMONIA/person0_virus_77.png")
    facts = summarise(folder).facts
    assert facts["identical"] == {"groups": 1, "films": 2, "groups_across_splits": 1}
    assert facts["patient_names_in_training_and_test"] == {"names": 1, "test_films": 1}
    assert "1 of the groups" in told(facts, summarise(folder).counts)


def test_a_summary_is_read_as_it_was_written(summary: DataSummary, tmp_path: Path) -> None:
    assert read_summary(tmp_path) is None
    write_summary(summary, tmp_path)
    again = read_summary(tmp_path)
    assert again is not None
    assert again.facts == summary.facts
    assert again.counts["films"].tolist() == summary.counts["films"].tolist()


def test_the_command_writes_where_results_are_read(
    tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path))
    assert main(["--data", str(tiny_data)]) == 0
    assert json.loads((tmp_path / "data/summary.json").read_text())["films"] == 30
    assert main(["--data", str(tmp_path / "nowhere")]) == 1


def test_a_folder_that_cannot_be_read_is_named(tiny_data: Path, tmp_path: Path) -> None:
    with pytest.raises(FolderMissing):
        summarise(tmp_path / "nowhere")
    folder = Path(shutil.copytree(tiny_data, tmp_path / "films"))
    (folder / "train/NORMAL/broken.png").write_bytes(b"no film")
    with pytest.raises(FilmUnreadable, match=r"train/NORMAL/broken\.png"):
        summarise(folder)


def test_counts_are_drawn_a_bar_a_class(summary: DataSummary) -> None:
    normal, pneumonia = counts_chart(summary.counts, "en").data
    assert list(normal.y) == list(pneumonia.y) == [12, 3]
    assert (normal.name, pneumonia.name) == ("Normal", "Pneumonia")
    assert pneumonia.marker.pattern.shape != normal.marker.pattern.shape


def test_brightness_is_a_share_of_each_group(summary: DataSummary) -> None:
    lines = brightness_chart(summary.brightness, "en").data
    assert len(lines) == 4
    assert all(sum(line.y) == pytest.approx(1) for line in lines)
    assert {line.line.dash for line in lines} == {"solid", "dot"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_of_the_data_has_words(summary: DataSummary, language: str) -> None:
    assert "30" in films_sentence(summary.facts, summary.counts, language)
    assert len(counts_table(summary.counts, language)) == 4
    assert "64 × 64" in told(summary.facts, summary.counts, language)
    assert len(tiles(summary.facts, summary.counts, language)) == 4


def test_several_image_sizes_are_told_from_smallest_to_largest(summary: DataSummary) -> None:
    sizes = [{"width_px": side, "height_px": side, "films": 1} for side in (300, 100, 200)]
    words = told({**summary.facts, "image_sizes": sizes}, summary.counts)
    assert "3 different sizes, from 100 × 100 to 300 × 300" in words


def test_examples_are_drawn_anew_by_seed(tiny_data: Path) -> None:
    names = {film.image for film in examples(tiny_data, Label.NORMAL, 3, seed=0)}
    assert len(names) == 3
    assert names == {film.image for film in examples(tiny_data, Label.NORMAL, 3, seed=0)}
    assert names != {film.image for film in examples(tiny_data, Label.NORMAL, 3, seed=1)}
    assert len(examples(tiny_data, Label.NORMAL, 99, seed=0)) == 12


def test_examples_of_an_empty_class_say_so(tmp_path: Path) -> None:
    (tmp_path / "train/NORMAL").mkdir(parents=True)
    with pytest.raises(ClassEmpty):
        examples(tmp_path, Label.NORMAL, 1, seed=0)


@pytest.mark.parametrize("policy", SHOWN_POLICIES)
def test_augmentation_is_the_same_for_the_same_seed(tiny_data: Path, policy: str) -> None:
    film, other = (
        examples(tiny_data, label, 1, seed=0)[0].pixels for label in (Label.PNEUMONIA, Label.NORMAL)
    )
    image = augmented(film, other, policy, seed=3)
    assert image.shape == (224, 224)
    assert 0 <= image.min() <= image.max() <= 1
    assert np.array_equal(image, augmented(film, other, policy, seed=3))
    again = [augmented(film, other, policy, seed) for seed in range(4, 16)]
    changed = not all(np.array_equal(image, each) for each in again)
    assert changed == (policy != "none")


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_mix_and_its_target_have_the_same_shares(tiny_data: Path, share: float) -> None:
    ill = examples(tiny_data, Label.PNEUMONIA, 1, seed=0)[0]
    well = examples(tiny_data, Label.NORMAL, 1, seed=0)[0]
    mix, target = mixed(ill, well, share)
    alone, _ = mixed(ill, well, 1.0)
    other, _ = mixed(ill, well, 0.0)
    assert target == pytest.approx(share)
    assert np.allclose(mix, share * alone + (1 - share) * other, atol=1e-6)
