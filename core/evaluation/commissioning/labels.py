"""A site's table of labels: which films, of which class, and what else is known of them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from core.data.labels import CLASSES, Label
from core.messages.errors import LabelsRow, LabelsTwice, LabelsUnreadable

REQUIRED = ("file", "label")
OLDEST_YEARS = 130
_LABELS = {
    **{label.value: label for label in CLASSES},
    **{str(n): x for n, x in enumerate(CLASSES)},
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the table.

    Args:
        file: Path below the folder.
        label: Its class.
        patient: Whose film it is; the file's own name where that is not told.
        year: When it was taken; None where that is not told.
        age_years: How old the patient was; None where that is not told.
    """

    file: str
    label: Label
    patient: str
    year: int | None
    age_years: float | None


def read_labels(file: Path) -> tuple[Listed, ...]:
    """The rows of a table: CSV in UTF-8 with ``file`` and ``label``.

    ``label`` is NORMAL or PNEUMONIA, or 0 or 1. ``patient``, ``date`` (YYYY, or YYYY-MM-DD) and
    ``age`` (in years) may be missing or empty. Columns of other names are not read.

    Raises:
        LabelsUnreadable: It is no such file.
        LabelsRow: A value is not understood.
        LabelsTwice: A film is listed twice.
    """
    try:
        table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:  # no file, no UTF-8, no CSV, no columns
        raise LabelsUnreadable(file=file.name) from error
    table.columns = table.columns.str.strip().str.lower()
    if table.empty or not set(REQUIRED) <= set(table.columns) or not table.columns.is_unique:
        raise LabelsUnreadable(file=file.name)
    rows, seen = [], set()
    for line, row in enumerate(table.to_dict("records"), 2):
        column = "file"
        try:
            values = {str(name): str(value).strip() for name, value in row.items()}
            name = values["file"]
            if not name:
                raise ValueError("no name")
            column = "label"
            label = _LABELS[values["label"].upper()]
            column = "date"
            year = _year_of(values.get("date", ""))
            column = "age"
            age_years = _age_of(values.get("age", ""))
        except (ValueError, KeyError) as error:
            raise LabelsRow(file=file.name, line=line, column=column) from error
        if name in seen:
            raise LabelsTwice(file=file.name, line=line)
        seen.add(name)
        patient = values.get("patient")
        whose = f"patient {patient}" if patient else f"file {name}"
        rows.append(Listed(name, label, whose, year, age_years))
    return tuple(rows)


def _year_of(words: str) -> int | None:
    if not words:
        return None
    return date.fromisoformat(words if len(words) > len("YYYY") else f"{words}-01-01").year


def _age_of(words: str) -> float | None:
    if not words:
        return None
    age_years = float(words)
    if not 0 <= age_years <= OLDEST_YEARS:
        raise ValueError("no age")
    return age_years
