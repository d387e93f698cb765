"""Patient and study of a film, read from the file only when the reader allows it.

A ``core.imaging.Film`` holds no name and no identifier, so neither does anything that is made of
it. What is read here goes into a file that leaves and is kept nowhere.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO

import pydicom
from pydicom.config import RAISE
from pydicom.dataset import Dataset
from pydicom.uid import UID, generate_uid
from pydicom.valuerep import DA, TM, validate_value

from core.imaging.file_type import DICOM_MARK
from core.imaging.letters import header_text
from core.imaging.quiet import quieten
from core.messages.plain import is_hidden

TEXTS = ("PatientID", "AccessionNumber", "StudyID")
NAMES = ("PatientName", "ReferringPhysicianName")
DATES = ("PatientBirthDate", "StudyDate", "StudyTime")
SEXES = ("M", "F", "O")
OPTIONAL = ("IssuerOfPatientID", "StudyDescription")
UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose film it is. It is made when a file leaves that may carry it, and kept nowhere.

    Args:
        file_name: As the reader gave it.
        study: Patient and study, as ``read_study`` gives them; None for a film without any.
        left_out: Keywords of what the film's file holds in letters that cannot be told.
    """

    file_name: str = field(repr=False)
    study: Dataset | None = field(repr=False)
    left_out: tuple[str, ...] = ()

    @property
    def is_name_left_out(self) -> bool:
        """Whether the film's file holds a patient's name whose letters cannot be told."""
        return "PatientName" in self.left_out


def identify(file_name: str, data: bytes | None) -> Identity:
    """Whose film it is, as far as the file's name and its bytes tell."""
    study = read_study(data) if data else None
    return Identity(file_name, study, _left_out(data) if data and study is not None else ())


def read_study(data: bytes) -> Dataset | None:
    """The patient and the study of a DICOM film, fit to be copied into other objects.

    Args:
        data: The film's file.

    Returns:
        The elements of the patient and the study, empty where the file has none or none that can
        be copied, and the UIDs of the film itself; None where the file names no study.
    """
    try:
        study = _copied(_header(data))
    except Exception:  # whatever pydicom raises on what is no DICOM may quote it
        return None
    return study if "StudyInstanceUID" in study else None


def _header(data: bytes) -> Dataset:
    quieten()
    if data.startswith(DICOM_MARK):
        data = bytes(128) + data
    wanted = ["SpecificCharacterSet", "PatientSex", *TEXTS, *NAMES, *DATES, *OPTIONAL, *UIDS]
    return pydicom.dcmread(BytesIO(data), force=True, specific_tags=wanted)


def _left_out(data: bytes) -> tuple[str, ...]:
    """Keywords of what a film's file holds in letters that cannot be told."""
    header = _header(data)
    return tuple(word for word in (*NAMES, *TEXTS) if header_text(header, word) is None)


def new_study(when: datetime) -> Dataset:
    """A study of its own for a film without a patient: nobody's, and known nowhere else."""
    study = _copied(Dataset())
    study.StudyInstanceUID = generate_uid(prefix=None)
    study.StudyDate, study.StudyTime = f"{when:%Y%m%d}", f"{when:%H%M%S}"
    return study


def referenced_film(study: Dataset) -> Dataset | None:
    """A reference to the film itself; None where its UIDs are not known."""
    if not all(keyword in study for keyword in UIDS):
        return None
    film = Dataset()
    film.ReferencedSOPClassUID = study.SOPClassUID
    film.ReferencedSOPInstanceUID = study.SOPInstanceUID
    return film


def written_names(study: Dataset) -> list[str]:
    """The spellings of the patient's name, as people write them.

    Examples:
        >>> study = Dataset()
        >>> study.PatientName = "Hong^Gildong=洪^吉洞=홍^길동"
        >>> written_names(study)
        ['Hong Gildong', '洪 吉洞', '홍 길동']
    """
    spellings = [" ".join(part.split("^")).split() for part in str(study.PatientName).split("=")]
    return [" ".join(words) for words in spellings if words]


def written_date(date: str) -> str:
    """A DICOM date as 2021-01-31; an empty one stays empty."""
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if date else ""


def _copied(header: Dataset) -> Dataset:
    """A data set of those elements, in Unicode; highdicom refuses what is no date, time or sex."""
    copy = Dataset()
    copy.SpecificCharacterSet = "ISO_IR 192"
    for keyword in TEXTS:
        setattr(copy, keyword, _text(header, keyword))
    for keyword in NAMES:
        name = _text(header, keyword)
        setattr(copy, keyword, name if "^" in name or not name else f"{name}^")
    for keyword in DATES:
        value, vr = _date(_text(header, keyword)), "TM" if keyword.endswith("Time") else "DA"
        setattr(copy, keyword, value if _is_valid(vr, value) else "")
    for keyword in OPTIONAL:
        if value := _text(header, keyword):
            setattr(copy, keyword, value)
    for keyword in UIDS:
        if value := _text(header, keyword):
            setattr(copy, keyword, UID(value))
    sex = _text(header, "PatientSex").upper()
    copy.PatientSex = sex if sex in SEXES else ""
    return copy


def _text(header: Dataset, keyword: str) -> str:
    """One value, hidden signs blank; nothing for several, or for letters that cannot be told."""
    text = header_text(header, keyword) or ""
    shown = "".join(" " if is_hidden(sign) else sign for sign in text).strip()
    return "" if "\\" in shown else shown


def _date(text: str) -> str:
    """A day as DICOM writes it, also where it was written with signs between.

    Examples:
        >>> _date("2021-01-31"), _date("2021.01.31"), _date("31.01.2021")
        ('20210131', '20210131', '31.01.2021')
    """
    return re.sub(r"^(\d{4})[-./](\d{2})[-./](\d{2})$", r"\1\2\3", text)


def _is_valid(vr: str, value: str) -> bool:
    """Whether it is a date or a time as highdicom takes them: no range, and a day that was."""
    try:
        validate_value(vr, value, RAISE)
        (DA if vr == "DA" else TM)(value)
    except ValueError:
        return False
    return True
