"""Why a file could not be read, by the exception that a library raised.

A file is called damaged only where a library found its data missing or senseless. What nobody
foresaw is said to be just that, with a code that tells a developer where to look.
"""

import errno
import logging
import re
import struct
import subprocess
import zlib
from pathlib import Path

from pydicom.errors import BytesLengthException, InvalidDicomError
from tifffile import TiffFileError

from core.messages.errors import (
    FilmError,
    NoMemory,
    TruncatedFile,
    UnreadableFile,
    UnsupportedPicture,
)

_LOG = logging.getLogger(__name__)
_DAMAGE = (
    *(EOFError, OSError, SyntaxError, struct.error, zlib.error),  # Pillow's own, and pydicom's
    OverflowError,  # values that no film has
    *(BytesLengthException, InvalidDicomError, TiffFileError, subprocess.SubprocessError),
)
_NO_MEMORY = (errno.ENOMEM, errno.EAGAIN)
"""Of a system that starts no further process."""
_CODEC_ERROR = re.compile(r"[A-Z]\w*Error")
_UNSUPPORTED = re.compile(r"unsupported|unknown|not supported|cannot handle|unrecognized", re.I)
_HARMLESS = re.compile(r"[\w ()./-]{1,60}", re.A)


def reason(error: Exception, file_format: str) -> FilmError:
    """What to say of a file that a library could not read.

    Args:
        error: What it raised; its words are shown only where they can name no patient.
        file_format: What the file is, by its content.
    """
    if isinstance(error, MemoryError) or getattr(error, "errno", None) in _NO_MEMORY:
        return NoMemory()
    words = str(error)
    is_picture = file_format != "DICOM"
    if is_picture and _UNSUPPORTED.search(words) and _HARMLESS.fullmatch(words):
        return UnsupportedPicture(format=file_format, what=words)
    if isinstance(error, _DAMAGE) or _is_codecs(error):
        return TruncatedFile(format=file_format)
    code = _place(error)
    _LOG.error("a %s file was not read: %s", file_format, code)
    return UnreadableFile(format=file_format, code=code)


def _is_codecs(error: Exception) -> bool:
    """Whether a decoder of imagecodecs raised it: each has an error of its own."""
    kind = type(error)
    return kind.__module__.startswith("imagecodecs") and bool(_CODEC_ERROR.fullmatch(kind.__name__))


def _place(error: Exception) -> str:
    """The error's kind and the last line of this project that it passed: no word of the file."""
    trace, place = error.__traceback__, "?"
    here = Path(__file__).resolve().parents[1]
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(here):
            place = f"{file.stem}-{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}-{place}"
