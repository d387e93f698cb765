"""The folder of adult films: a class a folder, and ``labels.csv`` with each film's patient."""

import hashlib
from pathlib import Path

import pandas as pd

from core.data.folder import Record
from core.data.labels import Label
from core.messages.errors import FolderMissing

ADULTS_NAME = "adult_other"
"""The folder beside the data folder."""

SHOW_CHILDREN = frozenset(
    {
        "NORMAL/nih_00001880_000.jpeg",
        "NORMAL/nih_00001880_001.jpeg",
        "NORMAL/radiography_normal-1705.jpeg",
        "NORMAL/radiography_normal-2001.jpeg",
        "NORMAL/radiography_normal-3374.jpeg",
        "NORMAL/radiography_normal-3859.jpeg",
        "NORMAL/radiography_normal-4609.jpeg",
        "NORMAL/radiography_normal-4833.jpeg",
        "NORMAL/radiography_normal-7682.jpeg",
        "NORMAL/radiography_normal-8316.jpeg",
        "PNEUMONIA/radiography_covid-3615.jpeg",
    }
)
"""Films of the folder that show children, by their growth plates and proportions.

Found by looking at the 24 films that the population reader 1.0 thought most like a child's. The
sources give no age for them.
"""


def scan_adults(root: Path) -> tuple[Record, ...]:
    """The adult films of a folder, in the order of its table, less those that show children.

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
        if image not in SHOW_CHILDREN
    )
