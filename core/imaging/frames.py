"""The image in a DICOM file, by what its bytes are and not by what the header calls them.

Archives convert files and leave the old transfer syntax in the header, or the other way round, and
offset tables are often wrong. The bytes themselves tell what they are.
"""

import struct
from dataclasses import dataclass
from enum import StrEnum

from pydicom.encaps import generate_fragments
from pydicom.uid import (
    UID,
    JPEG2000TransferSyntaxes,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSTransferSyntaxes,
    RLELossless,
)

from core.imaging.codestream import frame_header

_ITEM = b"\xfe\xff\x00\xe0"
_MOST_FRAGMENTS = 100_000
_RLE_HEADER = struct.Struct("<16I")
_JPEG_2000 = (b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  ")


class Coding(StrEnum):
    """How an image is coded."""

    NATIVE = "native"
    RLE = "RLE"
    JPEG = "JPEG"
    JPEG_LOSSLESS = "JPEG Lossless"
    JPEG_LS = "JPEG-LS"
    JPEG_2000 = "JPEG 2000"


_CODINGS = {
    RLELossless: Coding.RLE,
    JPEGBaseline8Bit: Coding.JPEG,
    JPEGExtended12Bit: Coding.JPEG,
    JPEGLossless: Coding.JPEG_LOSSLESS,
    JPEGLosslessSV1: Coding.JPEG_LOSSLESS,
    **dict.fromkeys(JPEGLSTransferSyntaxes, Coding.JPEG_LS),
    **dict.fromkeys(JPEG2000TransferSyntaxes, Coding.JPEG_2000),
}


@dataclass(frozen=True, slots=True)
class Stream:
    """The bytes of the one image.

    Attributes:
        coding: How they are coded.
        data: Of a compressed image without its fragments' items.
        is_as_told: Whether the transfer syntax says the same.
    """

    coding: Coding
    data: bytes
    is_as_told: bool


def coding_of(syntax: UID) -> Coding | None:
    """How a transfer syntax codes an image; None where nothing here decodes it."""
    return _CODINGS.get(syntax) if syntax.is_encapsulated else Coding.NATIVE


def find_stream(pixel_data: bytes, syntax: UID) -> Stream | None:
    """The one image of a file.

    Args:
        pixel_data: The element's value, as it stands in the file.
        syntax: The file's transfer syntax.

    Returns:
        None where the bytes are not what the syntax says, and nothing else either; or where they
        are in more pieces than any film.

    Raises:
        ValueError: The fragments are damaged.
    """
    told = coding_of(syntax)
    if pixel_data.startswith(_ITEM):
        if pixel_data.count(_ITEM) > _MOST_FRAGMENTS:
            return None
        data = _joined(pixel_data)
    elif _sniffed(pixel_data) is not None:  # compressed bytes without any item
        data = pixel_data
    else:
        return Stream(Coding.NATIVE, pixel_data, told is Coding.NATIVE)
    found = _sniffed(data) or (Coding.RLE if is_rle(data) else None)
    if found is None:
        return None
    return Stream(found, data, found is told)


def is_rle(data: bytes) -> bool:
    """Whether bytes start with an RLE header (PS3.5 G.5)."""
    if len(data) < _RLE_HEADER.size:
        return False
    segments, *offsets = _RLE_HEADER.unpack_from(data)
    used, unused = offsets[:segments], offsets[segments:]
    return (
        1 <= segments <= 15
        and used[0] == _RLE_HEADER.size
        and used == sorted(used)
        and used[-1] < len(data)
        and not any(unused)
    )


def rle_segments(data: bytes) -> int:
    """How many segments an RLE image has: one for each byte of a pixel."""
    return int.from_bytes(data[:4], "little")


def _joined(pixel_data: bytes) -> bytes:
    """All fragments but the offset table, which is not needed for one image."""
    fragments = list(generate_fragments(pixel_data))
    is_table = len(fragments) > 1 and _sniffed(fragments[0]) is None and not is_rle(fragments[0])
    return b"".join(fragments[1:] if is_table else fragments)


def _sniffed(data: bytes) -> Coding | None:
    """How bytes are coded, by their own marks; None of RLE, which has none, and native data."""
    if data.startswith(_JPEG_2000):
        return Coding.JPEG_2000
    header = frame_header(data) if data.startswith(b"\xff\xd8\xff") else None
    if header is None:
        return None
    if header.process == 0xF7:
        return Coding.JPEG_LS
    return Coding.JPEG_LOSSLESS if header.process in (0xC3, 0xC7, 0xCB, 0xCF) else Coding.JPEG
