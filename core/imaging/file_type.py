"""What a file is, by its content and never by its name."""

import struct

_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)
_TIFF_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
DICOM_MARK = b"DICM"
"""DICOM's mark, after 128 bytes that say nothing (PS3.10 7.1); some files lack these."""

_FIRST_GROUPS = (b"\x02\x00", b"\x08\x00", b"\x00\x02", b"\x00\x08")


def has_preamble(data: bytes) -> bool:
    """Whether the bytes carry DICOM's preamble and mark."""
    return data[128:132] == DICOM_MARK


def sniff(data: bytes) -> str | None:
    r"""The format of a file.

    Returns:
        ``DICOM``, ``JPEG``, ``PNG``, ``TIFF``, ``BMP``, ``WEBP`` or ``GIF``; None for anything
        else. A file without preamble that starts like a DICOM data set (group 0002 or 0008)
        counts as DICOM and has yet to prove it.

    Examples:
        >>> sniff(b"\x89PNG\r\n\x1a\n"), sniff(b"%PDF-1.7")
        ('PNG', None)
    """
    if has_preamble(data) or data.startswith(DICOM_MARK):
        return "DICOM"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(_TIFF_MAGIC):
        return "TIFF"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data.startswith(b"BM") and _has_bmp_header(data):
        return "BMP"
    return "DICOM" if data.startswith(_FIRST_GROUPS) else None


def _has_bmp_header(data: bytes) -> bool:
    return len(data) >= 18 and struct.unpack_from("<I", data, 14)[0] in _BMP_HEADERS


def webp_size(data: bytes) -> tuple[int, int]:
    """Width and height in a WebP header (https://www.rfc-editor.org/rfc/rfc9649).

    Pillow's WebP decoder sets its canvas aside on opening, so the size has to be known before.

    Raises:
        ValueError: The header is damaged.
    """
    chunk, body = data[12:16], data[20:30]
    if len(body) < 10:
        raise ValueError("the WebP header ends early")
    if chunk == b"VP8X":
        width, height = body[4:7], body[7:10]
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    if chunk == b"VP8L":
        packed = int.from_bytes(body[1:5], "little")
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        width_px, height_px = struct.unpack("<HH", body[6:10])
        return width_px & 0x3FFF, height_px & 0x3FFF
    raise ValueError(f"unknown WebP chunk {chunk!r}")
