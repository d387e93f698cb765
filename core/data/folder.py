"""A data folder as a list of films with class and patient, and its split by patient.

Two layouts are known: ``train``, ``val`` and ``test``, and ``train``, ``test`` and ``pred``; each
split but ``pred`` holds a folder a class.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.data.labels import CLASSES, Label
from core.imaging import Film, read_film_file
from core.messages.errors import (
    ClassEmpty,
    FilmError,
    FilmUnreadable,
    FolderMissing,
    PatientOnBothSides,
    TooFewPatients,
)

DATA_FOLDER_VARIABLE = "CHEST_XRAY_DIR"
DEFAULT_DATA_FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "chest_xray"
POOL_SPLITS = ("train", "val")
DEFAULT_SPLIT = (8, 0, 0)
"""Folds, the fold held out, and seed of the split of patients that everything uses by default."""

_PATIENT = re.compile(r"person\d+|NORMAL2-IM-\d+|IM-\d+|\d{8}(?=_\d+$)")
_LATER_PATIENT = re.compile(r"(?:NORMAL|BACTERIA|VIRUS)-(\d+)-\d+$")
"""In the third version of the data at Mendeley."""
_CAUSE = re.compile(r"_(bacteria|virus)_|\b(BACTERIA|VIRUS)-")


@dataclass(frozen=True, slots=True)
class Record:
    """One film of a data folder.

    Args:
        image: Path below the data folder, with forward slashes.
        split: ``train``, ``validation`` or ``test``, as we use it.
        label: The class, which is the folder's name.
        patient: Whose film it is, as far as names and identical files tell.
        sha256: Of the file.
    """

    image: str
    split: str
    label: Label
    patient: str
    sha256: str


def data_folder() -> Path | None:
    """The data folder on this machine: ``CHEST_XRAY_DIR``, or the one beside the repository."""
    folder = Path(os.environ.get(DATA_FOLDER_VARIABLE) or DEFAULT_DATA_FOLDER)
    return folder if folder.is_dir() else None


def required(folder: Path | None) -> Path:
    """The data folder that was named, or that this machine has.

    Raises:
        FolderMissing: There is none.
    """
    if folder is None:
        raise FolderMissing(folder=DATA_FOLDER_VARIABLE)
    return folder


def set_folder(dataset: str) -> Path | None:
    """The folder that the paths of an evaluated set start from, where it is on this machine.

    Args:
        dataset: ``test`` or ``validation``, whose films are in the data folder, or the name of a
            folder beside it.
    """
    data = data_folder()
    if data is None or dataset in ("test", "validation"):
        return data
    beside = data.parent / Path(dataset).name
    return beside if beside.is_dir() else None


def patient_of(stem: str) -> str:
    """The patient that a file's name tells; a name that tells none is a patient of its own.

    Examples:
        >>> patient_of("person12_virus_46"), patient_of("NORMAL2-IM-1427-0001")
        ('person12', 'NORMAL2-IM-1427')
        >>> patient_of("00001280_004"), patient_of("VIRUS-1980593-0001"), patient_of("film")
        ('00001280', '1980593', 'film')
    """
    if later := _LATER_PATIENT.match(stem):
        return later[1]
    match = _PATIENT.match(stem)
    return match[0] if match else stem


def cause_of(image: str) -> str | None:
    """``bacteria`` or ``virus`` where the file's name tells the cause, else None."""
    match = _CAUSE.search(image)
    return (match[1] or match[2]).lower() if match else None


def list_films(folder: Path) -> tuple[Path, ...]:
    """All files below a folder, in order, hidden ones left out.

    Raises:
        FolderMissing: The folder is not there.
    """
    if not folder.is_dir():
        raise FolderMissing(folder=folder)
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return tuple(
        path
        for path in files
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def scan_split(root: Path, folder: str, split: str) -> tuple[Record, ...]:
    """The films of one folder that holds a folder a class.

    Args:
        root: The data folder.
        folder: The split's folder below it, ``.`` for the data folder itself.
        split: The split's name in the records.

    Raises:
        FolderMissing: The folder or a class is not there.
        ClassEmpty: A class has no film.
        FilmUnreadable: A film may not be opened.
    """
    records: list[Record] = []
    for label in CLASSES:
        files = list_films(root / folder / label)
        if not files:
            raise ClassEmpty(label=label, folder=root / folder)
        records += [
            Record(
                image=path.relative_to(root).as_posix(),
                split=split,
                label=label,
                patient=patient_of(path.stem),
                sha256=_sha256_of(path),
            )
            for path in files
        ]
    return merge_identical(records)


def _sha256_of(film: Path) -> str:
    try:
        return hashlib.sha256(film.read_bytes()).hexdigest()
    except OSError as error:
        raise FilmUnreadable(file=film, reason=f"{error.strerror}.") from error


def read_films(root: Path, records: Iterable[Record]) -> Iterator[Film]:
    """The films of records, one at a time and in order.

    Raises:
        FilmUnreadable: A film cannot be read; the message names it and says why.
    """
    for record in records:
        try:
            yield read_film_file(root / record.image)
        except FilmError as error:
            raise FilmUnreadable(file=record.image, reason=error) from error


def merge_identical(records: Sequence[Record]) -> tuple[Record, ...]:
    """Give patients who share a byte-identical film one name, the first in order."""
    from scipy.cluster.hierarchy import DisjointSet  # a page of verdicts does without it

    patients = DisjointSet({record.patient for record in records})
    first_with: dict[str, str] = {}
    for record in records:
        patients.merge(record.patient, first_with.setdefault(record.sha256, record.patient))
    first = {patient: min(group) for group in patients.subsets() for patient in group}
    return tuple(replace(record, patient=first[record.patient]) for record in records)


def training_pool(root: Path) -> tuple[Record, ...]:
    """The films that may be trained and selected on: ``train``, with ``val`` where it exists."""
    parts = [name for name in POOL_SPLITS if name == "train" or (root / name).is_dir()]
    if not root.is_dir():
        raise FolderMissing(folder=root)
    return merge_identical([record for name in parts for record in scan_split(root, name, "train")])


def hold_out(records: Sequence[Record], folds: int, fold: int, seed: int) -> tuple[Record, ...]:
    """Mark the patients of one fold as validation.

    Args:
        records: The training pool.
        folds: How many folds the patients are split into, stratified by class.
        fold: Which of them is held out, from 0.
        seed: Seed of the split.

    Raises:
        TooFewPatients: A class has fewer patients than folds.
        ClassEmpty: The split left a side without a class.
        PatientOnBothSides: The split tore a patient apart.
    """
    from sklearn.model_selection import StratifiedGroupKFold  # an app that reads never splits

    for label in CLASSES:
        patients_with = {record.patient for record in records if record.label == label}
        if len(patients_with) < folds:
            raise TooFewPatients(label=label, patients=len(patients_with), folds=folds)
    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    labels = [CLASSES.index(record.label) for record in records]
    patients = [record.patient for record in records]
    held_out = set(list(splitter.split(labels, labels, patients))[fold][1].tolist())
    marked = tuple(
        replace(record, split="validation" if index in held_out else "train")
        for index, record in enumerate(records)
    )
    for split in ("train", "validation"):
        for label in CLASSES:
            if not any((record.split, record.label) == (split, label) for record in marked):
                raise ClassEmpty(label=label, folder=split)
    check_patients_apart(marked)
    return marked


def thin_out(records: Sequence[Record], share: float, seed: int) -> tuple[Record, ...]:
    """Keep a share of the training patients of each class, and all validation films.

    With the same seed a smaller share is part of a larger one.

    Args:
        records: As ``hold_out`` marks them.
        share: Of the patients, over 0 to 1; at least one of each class stays.
        seed: Of the draw.
    """
    kept: set[str] = set()
    for label in CLASSES:
        patients = sorted(
            {
                record.patient
                for record in records
                if (record.split, record.label) == ("train", label)
            }
        )
        order = np.random.default_rng(seed).permutation(len(patients))
        kept |= {patients[place] for place in order[: max(1, round(share * len(patients)))]}
    return tuple(record for record in records if record.split != "train" or record.patient in kept)


def held_out(root: Path, folds: int, fold: int, seed: int) -> tuple[Record, ...]:
    """The validation films of a split: those that ``hold_out`` marks in the training pool.

    Raises:
        DataError: As ``training_pool`` and ``hold_out``.
    """
    marked = hold_out(training_pool(root), folds, fold, seed)
    return tuple(record for record in marked if record.split == "validation")


def check_patients_apart(records: Iterable[Record]) -> None:
    """Make sure that no patient is in training and in validation.

    Raises:
        PatientOnBothSides: Some are; the message names up to five.
    """
    sides: dict[str, set[str]] = {}
    for record in records:
        sides.setdefault(record.patient, set()).add(record.split)
    torn = sorted(patient for patient, splits in sides.items() if len(splits) > 1)
    if torn:
        raise PatientOnBothSides(patients=", ".join(torn[:5]) + (" ..." if torn[5:] else ""))


def manifest_sha256(records: Iterable[Record]) -> str:
    """One hash of all films and the split they are in: what a run was trained on."""
    lines = sorted(f"{record.sha256} {record.split} {record.image}" for record in records)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
