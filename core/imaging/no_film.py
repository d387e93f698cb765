"""Files of a study that are no film to read: its directory, and what was made of its films."""

from io import BytesIO
from pathlib import Path

from pydicom.filereader import read_partial
from pydicom.tag import BaseTag
from pydicom.uid import MediaStorageDirectoryStorage

from core.imaging.file_type import has_preamble
from core.imaging.quiet import quieten

MAKER = "Pneumonia reading room"
"""Manufacturer of all objects that are written of a film; synthetic films have it too."""

_HEAD_BYTES = 2**16
_DIRECTORY_GROUP, _MODEL_NAME = 0x0004, 0x00081090


def is_no_film(path: Path) -> bool:
    """Whether a file is a DICOMDIR or an object that was made of a film, whatever it is called.

    A file that cannot be read or parsed may be a film: reading it says what is wrong.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        if not has_preamble(head):
            return False
        quieten()
        header = read_partial(BytesIO(head), stop_when=_is_enough)
    except Exception:  # whatever the system or pydicom raises
        return False
    kind = header.file_meta.get("MediaStorageSOPClassUID")
    is_of_a_model = header.get("Manufacturer") == MAKER and "ManufacturerModelName" in header
    return is_of_a_model or bool(kind == MediaStorageDirectoryStorage)


def _is_enough(tag: BaseTag, vr: str | None, length: int) -> bool:
    """Whether to stop before an element: the records of a directory have no end in sight."""
    return bool(tag.group == _DIRECTORY_GROUP or tag > _MODEL_NAME)
