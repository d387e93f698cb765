"""What a compressed image states of itself: JPEG, JPEG-LS and JPEG 2000."""

import re
import struct
from dataclasses import dataclass

_FRAME_HEADERS = {*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15 and SOF55
_STANDALONE = (0x01, *range(0xD0, 0xDA))
_SCAN = 0xDA
PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
"""Frame markers of progressive processes, by their second byte."""

_FEW_SCANS, _MOST_SCANNED_PX = 16, 1_000_000_000
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # no stuffed byte, no fill, no restart
_HEADER_BYTES = 2**16
_J2K_START, _J2K_TILE_PART, _J2K_END = b"\xff\x4f\xff\x51", b"\xff\x90", b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """What a JPEG's frame header says (ITU-T T.81 B.2.2; JPEG-LS alike, T.87).

    Attributes:
        process: The marker's second byte: 0xC0 baseline, 0xC2 progressive, 0xC3 lossless,
            0xF7 JPEG-LS.
        precision: Bits of a sample.
        width_px: Columns.
        height_px: Rows.
        samplings: Horizontal and vertical sampling factor of each component.
    """

    process: int
    precision: int
    width_px: int
    height_px: int
    samplings: tuple[tuple[int, int], ...]

    @property
    def coded_block_px(self) -> tuple[int, int]:
        """Height and width of what is coded at one go: one block, or all of several components."""
        if len(self.samplings) == 1:
            return 8, 8
        across, down = zip(*self.samplings, strict=True)
        return 8 * max(down), 8 * max(across)


def frame_header(frame: bytes) -> FrameHeader | None:
    """The frame header of a JPEG; None where there is none.

    Examples:
        >>> header = frame_header(bytes.fromhex("ffd8 ffc0 000b 08 0040 0050 01 01 11 00"))
        >>> header.width_px, header.height_px, header.precision, header.coded_block_px
        (80, 64, 8, (8, 8))
    """
    at = 2
    while at + 9 <= len(frame):
        marker = frame[at + 1]
        if frame[at] != 0xFF or marker == 0xFF:
            at += 1
        elif marker in _STANDALONE:
            at += 2
        elif marker in _FRAME_HEADERS:
            precision, height_px, width_px, count = struct.unpack_from(">BHHB", frame, at + 4)
            factors = frame[at + 11 : at + 10 + 3 * count : 3]
            samplings = tuple((factor >> 4, factor & 15) for factor in factors)
            return FrameHeader(marker, precision, width_px, height_px, samplings)
        else:
            at += 2 + int.from_bytes(frame[at + 2 : at + 4])
    return None


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
        header = frame_header(frame)
        return (header.width_px, header.height_px) if header else None
    start = frame.find(_J2K_START, 0, 4096)  # SOC and SIZ
    if start < 0 or len(frame) < start + 24:
        return None
    right, bottom, left, top = struct.unpack_from(">IIII", frame, start + 8)
    return right - left, bottom - top


def brightness_step(frame: bytes) -> float:
    """Greys by which a JPEG rounds a block's brightness, by its first quantisation table."""
    at = frame.find(b"\xff\xdb", 0, _HEADER_BYTES)
    table = frame[at + 4 : at + 7]
    if at < 0 or len(table) < 3:
        return 0.0
    factor = int.from_bytes(table[1:3]) if table[0] >> 4 else table[1]
    return factor / 8


def sample_layout(frame: bytes) -> tuple[int, int] | None:
    """Bits of a sample and how many components a compressed image has, by its own header.

    Returns:
        None where the frame is neither JPEG, JPEG-LS nor JPEG 2000.
    """
    if frame.startswith(b"\xff\xd8"):
        header = frame_header(frame)
        return (header.precision, len(header.samplings)) if header else None
    start = frame.find(_J2K_START, 0, 4096)
    if start < 0 or len(frame) < start + 43:
        return None
    components, depth = struct.unpack_from(">HB", frame, start + 40)
    return (depth & 0x7F) + 1, components


def has_many_scans(frame: bytes, header: FrameHeader) -> bool:
    """Whether a JPEG goes over its pixels more often than encoders ever do.

    An empty scan takes a few bytes, and as long to decode as any other.
    """
    pixels = header.width_px * header.height_px
    most = max(_FEW_SCANS, _MOST_SCANNED_PX // max(pixels, 1))
    return frame.count(bytes((0xFF, _SCAN))) > most


def is_progression_whole(frame: bytes) -> bool:
    """Whether a progressive JPEG's scans bring every coefficient to its last bit (T.81 G.1.1.1).

    A file cut between two scans and closed again decodes without complaint, only coarser.

    Returns:
        True of whatever is not progressive as well.
    """
    header = frame_header(frame)
    if header is None or header.process not in PROGRESSIVE:
        return True
    left: dict[int, list[int]] = {}  # bits that are still to come, of each component's coefficients
    for match in _MARKER.finditer(frame, 2):
        if match[0][1] != _SCAN:
            continue
        at = match.start() + 4
        count = frame[at] if at < len(frame) else 0
        parameters = frame[at + 1 + 2 * count : at + 4 + 2 * count]
        if not 1 <= count <= 4 or len(parameters) < 3:
            continue
        first, last, bits = parameters[0], min(parameters[1], 63), parameters[2] & 15
        for component in frame[at + 1 : at + 1 + 2 * count : 2]:
            coefficients = left.setdefault(component, [16] * 64)
            coefficients[first : last + 1] = [bits] * max(last + 1 - first, 0)
    return len(left) >= len(header.samplings) and not any(map(any, left.values()))


def is_jpeg2000_whole(frame: bytes) -> bool:
    """Whether every tile-part of a JPEG 2000 codestream is there, by its own length (T.800 A.4.2).

    OpenJPEG decodes what is there of a codestream that ends early.
    """
    at = frame.find(_J2K_START, 0, 4096)
    if at < 0:
        return False
    at += 2
    while frame[at : at + 2] != _J2K_TILE_PART:  # past the main header's segments
        if at + 4 > len(frame) or frame[at] != 0xFF:
            return False
        at += 2 + int.from_bytes(frame[at + 2 : at + 4])
    while frame[at : at + 2] == _J2K_TILE_PART:
        length = int.from_bytes(frame[at + 6 : at + 10])
        if length == 0:  # the last one, up to the end
            return frame.rstrip(b"\0").endswith(_J2K_END)
        at += max(length, 12)
    return at <= len(frame.rstrip(b"\0")) or frame[at : at + 2] == _J2K_END
