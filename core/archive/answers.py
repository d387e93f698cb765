"""What an archive answers to a search, as text that can be shown; anything may be missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydicom.datadict import tag_for_keyword

from core.messages.plain import plain

MOST_LETTERS = 100


@dataclass(frozen=True, slots=True)
class Study:
    """A study that was found; texts are plain.

    Args:
        uid: StudyInstanceUID.
        date: As 2021-01-31, or as the archive gave it; empty where it gave none.
        patient: The patient's name, in all its spellings.
        patient_id: And identifier.
        description: What the study is called.
        modalities: Of its series.
        images: How many instances it has; None where the archive does not say.
    """

    uid: str
    date: str
    patient: str = field(repr=False)
    patient_id: str = field(repr=False)
    description: str = field(repr=False)
    modalities: tuple[str, ...]
    images: int | None


def study_of(answer: object) -> Study | None:
    """A study from its DICOM JSON; None where that has no identifier."""
    uid = text_of(answer, "StudyInstanceUID")
    if not uid:
        return None
    images = text_of(answer, "NumberOfStudyRelatedInstances")
    return Study(
        uid,
        _written_date(text_of(answer, "StudyDate")),
        _name(answer),
        text_of(answer, "PatientID"),
        text_of(answer, "StudyDescription"),
        tuple(_plain(value) for value in values_of(answer, "ModalitiesInStudy")),
        int(images) if images.isdecimal() else None,
    )


def values_of(answer: object, keyword: str) -> Sequence[Any]:
    """The values of an element in DICOM JSON; none where it is missing or malformed."""
    element = answer.get(f"{tag_for_keyword(keyword):08X}") if isinstance(answer, Mapping) else None
    values = element.get("Value") if isinstance(element, Mapping) else None
    return values if isinstance(values, list) else ()


def text_of(answer: object, keyword: str) -> str:
    """The first value of an element as plain text; empty where there is none."""
    values = values_of(answer, keyword)
    return _plain(values[0]) if values else ""


def _plain(value: object) -> str:
    return plain(str(value)[:MOST_LETTERS]).strip() if isinstance(value, (str, int, float)) else ""


def _name(answer: object) -> str:
    """A patient's name as people write it, its spellings behind each other.

    Examples:
        >>> spellings = {"Alphabetic": "Hong^Gildong", "Ideographic": "洪^吉洞"}
        >>> _name({"00100010": {"vr": "PN", "Value": [spellings]}})
        'Hong Gildong, 洪 吉洞'
    """
    values = values_of(answer, "PatientName")
    value = values[0] if values else ""
    known = value if isinstance(value, Mapping) else {"Alphabetic": value}
    forms = (_plain(known.get(form)) for form in ("Alphabetic", "Ideographic", "Phonetic"))
    written = (" ".join(form.replace("^", " ").split()) for form in forms)
    return ", ".join(filter(None, written))


def _written_date(date: str) -> str:
    try:
        return f"{datetime.strptime(date, '%Y%m%d'):%Y-%m-%d}"
    except ValueError:
        return date
