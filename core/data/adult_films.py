"""The folder of adult films: a class a folder, and ``labels.csv`` with each film's patient."""

import hashlib
from pathlib import Path

import pandas as pd

from core.data.folder import Record
from core.data.labels import Label
from core.messages.errors import FolderMissing

ADULTS_NAME = "adult_other"
"""The folder beside the data folder."""


def scan_adults(root: Path) -> tuple[Record, ...]:
    """The adult films of a folder, in the order of its table.

    Whose they are is in the table; a film of nobody known is a patient of its own.

    Args:
        root: Holds ``labels.csv`` with the columns ``image``, ``label`` and ``patient``, and the
            films.

    Raises:
        FolderMissing: The folder or its table is not there.
    """
    file = root / "labels.csv"
    if not file.is_file():
        raise FolderMissing(folder=root)
    table = pd.read_csv(file, dtype=str).fillna("")
    return tuple(
        Record(
            image=image,
            split="train",
            label=Label(label),
            patient=patient or Path(image).stem,
            sha256=hashlib.sha256((root / image).read_bytes()).hexdigest(),
        )
        for image, label, patient in zip(
            table["image"], table["label"], table["patient"], strict=True
        )
    )
