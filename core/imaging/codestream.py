"""The size that a compressed image states itself: JPEG, JPEG-LS and JPEG 2000."""

import struct

_FRAME_HEADERS = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15 and SOF55
_STANDALONE = (0x01, *range(0xD0, 0xDA))


def codestream_size(frame: bytes) -> tuple[int, int] | None:
    """Width and height in a compressed frame's own header.

    Args:
        frame: JPEG (any process, ITU-T T.81), JPEG-LS (T.87), JPEG 2000 (T.800, bare or in JP2).

    Returns:
        Width and height in pixels; None where the frame is none of these (RLE).

    Examples:
        >>> codestream_size(bytes.fromhex("ffd8 ffc0 000b 08 0040 0050 01 01 11 00"))
        (80, 64)
    """
    if frame.startswith(b"\xff\xd8"):
        return _jpeg_size(frame)
    start = frame.find(b"\xff\x4f\xff\x51", 0, 4096)  # SOC and SIZ
    if start < 0 or len(frame) < start + 24:
        return None
    right, bottom, left, top = struct.unpack_from(">IIII", frame, start + 8)
    return right - left, bottom - top


def _jpeg_size(frame: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(frame):
        marker = frame[at + 1]
        if frame[at] != 0xFF or marker == 0xFF:
            at += 1
        elif marker in _STANDALONE:
            at += 2
        elif marker in _FRAME_HEADERS:
            height_px, width_px = struct.unpack_from(">HH", frame, at + 5)
            return width_px, height_px
        else:
            at += 2 + int.from_bytes(frame[at + 2 : at + 4])
    return None
