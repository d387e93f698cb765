"""Reading a film: bytes in, a validated film or a FilmError out."""

import hashlib
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.imaging.dicom import read_dicom
from core.imaging.file_type import sniff
from core.imaging.film import UPLOAD_LIMIT_MB, Film
from core.imaging.in_flight import IN_FLIGHT
from core.imaging.picture import read_picture
from core.imaging.quiet import quieten
from core.imaging.reasons import reason
from core.imaging.subject import subject_notices
from core.messages.errors import EmptyFile, FileTooLarge, FilmError, FlatImage, UnknownFormat

_FLAT_SPAN = 2 / 255
_SAMPLE_PX = 125_000


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
        with IN_FLIGHT.film():
            return _read(data, file_format)
    except FilmError:
        raise
    except Exception as error:
        raise reason(error, file_format) from None


def _read(data: bytes, file_format: str) -> Film:
    decoded = read_dicom(data) if file_format == "DICOM" else read_picture(data, file_format)
    if _is_flat(decoded.pixels):
        raise FlatImage
    facts = decoded.facts
    notices = dict.fromkeys((*decoded.notices, *subject_notices(facts)))
    return Film(decoded.pixels, hashlib.sha256(data).hexdigest(), facts, tuple(notices))


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
