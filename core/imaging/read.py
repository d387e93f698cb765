"""Reading a film: bytes in, a validated film or a FilmError out."""

import hashlib
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.imaging.dicom import read_dicom
from core.imaging.file_type import sniff
from core.imaging.film import FILM_SIZE_PX, UPLOAD_LIMIT_MB, Film, FilmFacts, Notice
from core.imaging.picture import read_picture
from core.imaging.quiet import quieten
from core.messages.errors import (
    EmptyFile,
    FileTooLarge,
    FilmError,
    FlatImage,
    TruncatedFile,
    UnknownFormat,
)

LATERAL_VIEWS = frozenset({"LL", "RL", "LAT"})
"""DICOM ViewPosition values of lateral films; what a view code means says ``lateral``."""

OTHER_VIEWS = frozenset({"LLD", "RLD", "LLO", "RLO"})
"""Those of films taken lying on a side, or obliquely; what a view code means says so."""

CHEST_PARTS = frozenset(
    {"CHEST", "THORAX", "LUNG", "RIB", "HEART", "CHESTABDOMEN", "CHESTABDPELVIS"}
)
"""DICOM BodyPartExamined values of films that show a chest."""

MIN_AGE_YEARS, END_AGE_YEARS = 1.0, 6.0
"""Ages of the training films: one to five years, the sixth birthday excluded."""

_FLAT_SPAN = 2 / 255
_SAMPLE_PX = 500_000


def read_film(data: bytes) -> Film:
    """Read a film from a file's bytes, recognised by their content.

    Args:
        data: JPEG, PNG, TIFF, BMP, WebP or DICOM.

    Returns:
        The film, with what is known of it and what the reader should be told.

    Raises:
        FilmError: The file is refused, and nothing else is ever raised, whatever the bytes. In
            this order: empty, over the upload limit, unknown, animated, too large, too small,
            damaged, a colour photograph, flat. DICOM is refused first without an image, then by
            its modality.
    """
    _check_bytes(len(data))
    quieten()
    file_format = sniff(data)
    if file_format is None:
        raise UnknownFormat
    try:
        if file_format == "DICOM":
            pixels, facts, tinted = read_dicom(data)
        else:
            pixels, facts, tinted = read_picture(data, file_format)
        if _is_flat(pixels):
            raise FlatImage
        return Film(pixels, hashlib.sha256(data).hexdigest(), facts, _notices(facts, tinted))
    except FilmError:
        raise
    except Exception:  # values that no film has, too: they make pixels that are no numbers
        raise TruncatedFile(format=file_format) from None


def read_film_file(path: Path) -> Film:
    """Read a film from disk; a file over the limit is refused before it is opened.

    Raises:
        FilmError: As ``read_film``.
        OSError: The file is not there or may not be read.
    """
    _check_bytes(path.stat().st_size)
    return read_film(path.read_bytes())


def _check_bytes(size: int) -> None:
    if size == 0:
        raise EmptyFile
    if size > UPLOAD_LIMIT_MB * 2**20:
        raise FileTooLarge(size_mb=size / 2**20, limit_mb=UPLOAD_LIMIT_MB)


def _is_flat(pixels: NDArray[np.float32]) -> bool:
    """Whether 99 % of the pixels lie within two 8-bit steps; a few hot ones make no picture."""
    step = max(1, math.isqrt(pixels.size // _SAMPLE_PX))
    low, high = np.percentile(pixels[::step, ::step], (0.5, 99.5))
    return bool(high - low < _FLAT_SPAN)


def _notices(facts: FilmFacts, tinted: bool) -> tuple[Notice, ...]:
    notices = []
    if facts.synthetic:
        notices.append(Notice("film.notice.synthetic"))
    if tinted:
        notices.append(Notice("film.notice.tint"))
    if min(facts.width_px, facts.height_px) < FILM_SIZE_PX:
        size = {"width": facts.width_px, "height": facts.height_px, "minimum": FILM_SIZE_PX}
        notices.append(Notice("film.notice.small", size))
    if notice := _view_notice(facts.view or ""):
        notices.append(notice)
    if facts.body_part and facts.body_part not in CHEST_PARTS:
        notices.append(Notice("film.notice.body_part", {"part": facts.body_part}))
    age = facts.age_years
    if age is not None and not MIN_AGE_YEARS <= age < END_AGE_YEARS:
        notices.append(Notice("film.notice.age", {"age_years": round(age, 1)}))
    return tuple(notices)


def _view_notice(view: str) -> Notice | None:
    """What to tell of a view that is not frontal, of an upright patient."""
    if view in OTHER_VIEWS or "OBLIQUE" in view or "DECUBITUS" in view:
        return Notice("film.notice.view", {"view": view})
    if view in LATERAL_VIEWS or "LATERAL" in view:
        return Notice("film.notice.lateral")
    return None
