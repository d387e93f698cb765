"""A data folder: its films, whose they are, and the split that keeps patients apart."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.data.dataset import load_pixels
from core.data.folder import (
    Record,
    cause_of,
    check_patients_apart,
    data_folder,
    hold_out,
    list_films,
    manifest_sha256,
    merge_identical,
    patient_of,
    scan_split,
    training_pool,
)
from core.data.labels import CLASSES, Label
from core.messages.errors import (
    ClassEmpty,
    FilmUnreadable,
    FolderMissing,
    PatientOnBothSides,
    TooFewPatients,
)
from tests.conftest import draw_data_folder, draw_film, patient_name


def record(image: str, label: Label, patient: str, sha256: str | None = None) -> Record:
    return Record(image, "train", label, patient, sha256 or image)


def pool(patients: int, films: int = 3) -> tuple[Record, ...]:
    """Patients of both classes in turn, each with some films."""
    return tuple(
        record(f"{patient}-{film}", CLASSES[patient % 2], f"p{patient}")
        for patient in range(patients)
        for film in range(films)
    )


@pytest.mark.parametrize(
    ("stem", "patient"),
    [
        ("person12_virus_46", "person12"),
        ("person1_bacteria_1", "person1"),
        ("person1949_bacteria_4880", "person1949"),
        ("IM-0115-0001", "IM-0115"),
        ("IM-0115-0001-0002", "IM-0115"),
        ("NORMAL2-IM-1427-0001", "NORMAL2-IM-1427"),
        ("NORMAL2-IM-0529-0001-0002", "NORMAL2-IM-0529"),
        ("00001280_004", "00001280"),
        ("NORMAL-1003233-0001", "1003233"),
        ("BACTERIA-1003233-0002", "1003233"),
        ("film", "film"),
        ("my person12_virus_46", "my person12_virus_46"),
        ("1280_004", "1280_004"),
    ],
)
def test_a_name_tells_the_patient_or_is_one(stem: str, patient: str) -> None:
    assert patient_of(stem) == patient


def test_a_normal2_number_is_another_patient_than_the_plain_number() -> None:
    assert patient_of("NORMAL2-IM-0529-0001") != patient_of("IM-0529-0001")


def test_a_name_may_tell_the_cause() -> None:
    assert cause_of("train/PNEUMONIA/person1_bacteria_1.png") == "bacteria"
    assert cause_of("train/PNEUMONIA/person12_virus_46.png") == "virus"
    assert cause_of("train/NORMAL/IM-0115-0001.png") is None
    assert cause_of("train/PNEUMONIA/VIRUS-1980593-0001.jpeg") == "virus"
    assert cause_of("train/NORMAL/NORMAL-28501-0001.jpeg") is None


@pytest.mark.parametrize("layout", [("train", "val", "test"), ("train", "test", "pred")])
def test_both_layouts_are_read(tmp_path: Path, layout: tuple[str, ...]) -> None:
    draw_data_folder(
        tmp_path, {split: 2 for split in layout if split in ("train", "test")}, patient_name
    )
    if "val" in layout:
        draw_data_folder(tmp_path, {"val": 1}, patient_name)
    if "pred" in layout:
        draw_film(tmp_path / "pred" / "unknown.png", 1)
    images = [record.image for record in training_pool(tmp_path)]
    expected = [
        f"{split}/{label}/{patient_name(split, label, number)}.png"
        for split, films in (("train", 2), ("val", 1 if "val" in layout else 0))
        for label in CLASSES
        for number in range(films)
    ]
    assert images == expected
    assert len(scan_split(tmp_path, "test", "test")) == 4


def test_training_never_opens_a_test_film(
    tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(tiny_data, tmp_path, dirs_exist_ok=True)
    opened: list[Path] = []
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: opened.append(path) or read(path))
    load_pixels(tmp_path, training_pool(tmp_path))
    assert len(opened) == 2 * 24, "each training film is hashed once and read once"
    assert {path.relative_to(tmp_path).parts[0] for path in opened} == {"train"}


def test_records_say_class_split_patient_and_hash(tiny_data: Path) -> None:
    first = scan_split(tiny_data, "test", "test")[0]
    assert (first.image, first.split) == ("test/NORMAL/IM-0200-0000.png", "test")
    assert (first.label, first.patient) == (Label.NORMAL, "IM-0200")
    assert len(first.sha256) == 64


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    for name in ("b.png", "a/c.png", ".DS_Store", ".thumbs/d.png", "a/._c.png"):
        draw_film(tmp_path / name, 1)
    assert [path.relative_to(tmp_path).as_posix() for path in list_films(tmp_path)] == [
        "a/c.png",
        "b.png",
    ]


def test_a_hidden_folder_above_hides_nothing(tmp_path: Path) -> None:
    draw_film(tmp_path / ".cache" / "a.png", 1)
    assert len(list_films(tmp_path / ".cache")) == 1


def test_the_same_film_twice_makes_one_patient_of_two() -> None:
    merged = merge_identical(
        [
            record("a", Label.NORMAL, "p2", "same"),
            record("b", Label.NORMAL, "p1", "same"),
            record("c", Label.NORMAL, "p3"),
        ]
    )
    assert [record.patient for record in merged] == ["p1", "p1", "p3"]


def test_patients_merge_through_patients() -> None:
    # p4 and p3 share a film, p2 and p1 another, and last p3 and p2 a third: all are one.
    merged = merge_identical(
        [
            record("a", Label.NORMAL, "p4", "x"),
            record("b", Label.NORMAL, "p3", "x"),
            record("c", Label.NORMAL, "p2", "y"),
            record("d", Label.NORMAL, "p1", "y"),
            record("e", Label.NORMAL, "p3", "z"),
            record("f", Label.NORMAL, "p2", "z"),
            record("g", Label.NORMAL, "p4"),
        ]
    )
    assert {record.patient for record in merged} == {"p1"}


def test_identical_files_in_train_and_val_merge_their_patients(tmp_path: Path) -> None:
    draw_data_folder(tmp_path, {"train": 2, "val": 1}, patient_name)
    copied = tmp_path / "val" / "NORMAL" / "IM-0999-0001.png"
    shutil.copy(tmp_path / "train" / "NORMAL" / "IM-0000-0000.png", copied)
    patients = {record.image: record.patient for record in training_pool(tmp_path)}
    assert patients["val/NORMAL/IM-0999-0001.png"] == "IM-0000"


def test_no_patient_is_on_both_sides() -> None:
    marked = hold_out(pool(24), folds=4, fold=1, seed=0)
    sides = [
        {record.patient for record in marked if record.split == split}
        for split in ("train", "validation")
    ]
    assert len(sides[0]) == 18
    assert len(sides[1]) == 6
    assert not sides[0] & sides[1]


def test_both_classes_are_held_out_in_proportion() -> None:
    marked = hold_out(pool(40), folds=5, fold=0, seed=3)
    held_out = [record.label for record in marked if record.split == "validation"]
    assert held_out.count(Label.NORMAL) == held_out.count(Label.PNEUMONIA) == 12


def test_the_folds_cover_every_patient_once() -> None:
    held_out = [
        record.image
        for fold in range(4)
        for record in hold_out(pool(16), folds=4, fold=fold, seed=0)
        if record.split == "validation"
    ]
    assert sorted(held_out) == sorted(record.image for record in pool(16))


def test_the_split_is_fixed_by_its_seed() -> None:
    assert hold_out(pool(24), 4, 0, seed=1) == hold_out(pool(24), 4, 0, seed=1)
    assert hold_out(pool(24), 4, 0, seed=1) != hold_out(pool(24), 4, 0, seed=2)


def test_val_films_are_part_of_the_pool_that_is_split(tmp_path: Path) -> None:
    draw_data_folder(tmp_path, {"train": 8, "val": 4}, patient_name)
    marked = hold_out(training_pool(tmp_path), folds=2, fold=0, seed=0)
    trained = {record.image.split("/")[0] for record in marked if record.split == "train"}
    assert len(marked) == 24
    assert trained == {"train", "val"}


def remove_data(root: Path) -> None:
    shutil.rmtree(root)


def remove_train(root: Path) -> None:
    shutil.rmtree(root / "train")


def remove_class(root: Path) -> None:
    shutil.rmtree(root / "train" / "NORMAL")


def empty_class(root: Path) -> None:
    for film in (root / "train" / "NORMAL").iterdir():
        film.unlink()


def hide_class(root: Path) -> None:
    empty_class(root)
    draw_film(root / "train" / "NORMAL" / ".hidden.png", 1)


@pytest.mark.parametrize(
    ("harm", "error", "told"),
    [
        (remove_data, FolderMissing, "does not exist"),
        (remove_train, FolderMissing, "train"),
        (remove_class, FolderMissing, "NORMAL"),
        (empty_class, ClassEmpty, "no NORMAL film"),
        (hide_class, ClassEmpty, "no NORMAL film"),
    ],
)
def test_a_folder_that_cannot_be_trained_on_is_told_at_once(
    tmp_path: Path, harm: Callable[[Path], None], error: type[Exception], told: str
) -> None:
    root = draw_data_folder(tmp_path / "data", {"train": 2}, patient_name)
    harm(root)
    with pytest.raises(error, match=told):
        training_pool(root)


def test_an_unreadable_film_is_named_with_its_reason(tiny_data: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_data, tmp_path, dirs_exist_ok=True)
    broken = tmp_path / "train" / "NORMAL" / "broken.png"
    broken.write_text("no film")
    with pytest.raises(
        FilmUnreadable, match=r"train/NORMAL/broken\.png.*kind of file cannot be read"
    ):
        load_pixels(tmp_path, training_pool(tmp_path))


def test_a_film_that_may_not_be_opened_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = draw_data_folder(tmp_path, {"train": 1}, patient_name)

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(FilmUnreadable, match=r"IM-0000-0000\.png.*Permission denied"):
        training_pool(root)


def test_too_few_patients_for_the_folds_are_counted() -> None:
    with pytest.raises(TooFewPatients, match=r"3 patients with a NORMAL film.* 4 folds"):
        hold_out(pool(6), folds=4, fold=0, seed=0)


def test_a_patient_on_both_sides_is_named() -> None:
    left, right = pool(2, films=1)
    with pytest.raises(PatientOnBothSides, match="p0"):
        check_patients_apart([left, replace(left, split="validation"), right])
    check_patients_apart([left, right])


def test_a_long_list_of_torn_patients_is_cut() -> None:
    torn = [replace(record, split=side) for record in pool(7, 1) for side in ("train", "test")]
    with pytest.raises(PatientOnBothSides, match=r"p0, p1, p2, p3, p4 \.\.\."):
        check_patients_apart(torn)


def test_the_manifest_changes_with_film_split_and_name_but_not_with_order() -> None:
    films = pool(4, films=1)
    manifest = manifest_sha256(films)
    assert manifest == manifest_sha256(reversed(films))
    for changed in (
        replace(films[0], split="validation"),
        replace(films[0], sha256="other"),
        replace(films[0], image="other"),
    ):
        assert manifest_sha256([changed, *films[1:]]) != manifest
    assert manifest_sha256(films[1:]) != manifest


def test_the_data_folder_is_the_one_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHEST_XRAY_DIR", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.setenv("CHEST_XRAY_DIR", str(tmp_path / "missing"))
    assert data_folder() is None
