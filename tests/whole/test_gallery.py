"""The synthetic films that ship: each is marked, and none is a copy of a training film."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.data.folder import data_folder
from core.data.labels import CLASSES
from core.data.samples import GALLERY_FOLDER
from core.evaluation.generator.features import Features
from core.evaluation.generator.gallery import RECORD
from core.evaluation.generator.measure import METRICS
from core.evaluation.generator.memory import Memory, is_copy
from core.evaluation.generator.real_films import real_films
from core.imaging import read_film_file
from core.models.generator.generator import GENERATOR_FOLDER, drawn_size, load_generator_card

LARGEST_MB = 3
FILES = [path for path in GALLERY_FOLDER.rglob("*") if path.suffix in (".png", ".dcm")]


def test_both_classes_ship_six_films_each_as_png_and_dicom_and_all_are_small() -> None:
    for label in CLASSES:
        for suffix in ("png", "dcm"):
            assert len(list((GALLERY_FOLDER / label).glob(f"*.{suffix}"))) == 6
    assert sum(file.stat().st_size for file in FILES) < LARGEST_MB * 2**20


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_film_says_that_it_is_synthetic(file: Path) -> None:
    film = read_film_file(file)
    assert film.facts.synthetic
    corner = film.pixels[-32:, :200]
    assert corner.max() == 1, "the mark is burnt in"
    assert film.pixels.shape == (512, 512)


def test_the_record_covers_every_film_and_none_was_a_copy() -> None:
    record = json.loads((GALLERY_FOLDER / RECORD).read_text(encoding="utf-8"))
    rows = {row["file"]: row for row in record["films"]}
    assert set(rows) == {file.relative_to(GALLERY_FOLDER).as_posix() for file in FILES}
    for name, row in rows.items():
        assert read_film_file(GALLERY_FOLDER / name).sha256 == row["sha256"]
        assert row["pixels"] >= record["limits"]["pixels"]
        assert row["features"] >= record["limits"]["features"]
    measured = json.loads((GALLERY_FOLDER.parent / METRICS).read_text(encoding="utf-8"))
    assert measured["weights_sha256"] == record["weights_sha256"]
    for name, limit in measured["memorisation"]["limits"].items():
        assert record["limits"][name] == pytest.approx(limit, rel=1e-3)


def test_no_film_is_a_copy_of_a_training_film() -> None:
    """Of an eighth of them, for time: all were compared when the gallery was chosen."""
    data = data_folder()
    if data is None:
        pytest.skip("no data folder: set CHEST_XRAY_DIR")
    if not GENERATOR_FOLDER.is_dir():
        pytest.skip("the generator's card does not ship")
    record = json.loads((GALLERY_FOLDER / RECORD).read_text(encoding="utf-8"))
    limits = (record["limits"]["pixels"], record["limits"]["features"])
    real = real_films(data, load_generator_card())
    films = [read_film_file(file).pixels for file in FILES]
    small = drawn_size((np.stack(films) * 255).round().astype(np.uint8))
    assert not is_copy(Memory(real.taught[::8], Features()).nearest(small), limits).any()
