"""JPEG of 8 bits by libjpeg-turbo, whose warnings are heard.

libjpeg goes on where data are missing or senseless, and fills what it lacks with grey. Pillow
passes its warnings over; simplejpeg gives them back.
"""

from dataclasses import dataclass

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from core.imaging.block_steps import has_block_step
from core.imaging.codestream import (
    PROGRESSIVE,
    brightness_step,
    frame_header,
    has_many_scans,
    is_progression_whole,
)

_COLOURS = {"Gray": "GRAY", "YCbCr": "RGB", "RGB": "RGB"}
_DAMAGE, _EXTRANEOUS = "Corrupt JPEG data", "extraneous bytes"
_NO_END, _END = "Premature end of JPEG file", b"\xff\xd9"
_HARMLESS = ("Inconsistent progression", "Unknown Adobe", "Warning: unknown JFIF", "Invalid SOS")


class JpegDamaged(ValueError):
    """Data of the picture are missing or senseless."""


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A decoded JPEG.

    Attributes:
        pixels: uint8 of shape (height, width), or (height, width, 3) in RGB.
        is_doubtful: Whether its data look damaged, without that being certain.
    """

    pixels: NDArray[np.uint8]
    is_doubtful: bool


def jpeg_bytes(data: bytes, components: int) -> float:
    """What decoding a JPEG holds of each pixel: of a progressive one its coefficients as well."""
    header = frame_header(data)
    is_progressive = header is not None and header.process in PROGRESSIVE
    return (4 if components > 3 else 0) + components * (3.0 if is_progressive else 1.0)


def decode_jpeg(data: bytes) -> Jpeg | None:
    """Decode a grey or colour JPEG of 8 bits, baseline or progressive.

    Args:
        data: The JPEG. Its size has been checked.

    Returns:
        The picture; None where this decoder has no say (CMYK, other depths, lossless).

    Raises:
        JpegDamaged: It is clearly damaged, or has more scans than any picture needs.
    """
    header = frame_header(data)
    try:
        colours = _COLOURS.get(simplejpeg.decode_jpeg_header(data, strict=False)[2])
    except (ValueError, KeyError):  # a colour space that it has no name for
        return None
    if header is None or header.precision != 8 or colours is None:
        return None
    if has_many_scans(data, header):
        raise JpegDamaged
    try:
        pixels, complaint = _decoded(data, colours), ""
    except ValueError as error:
        complaint = str(error)
        if complaint == _NO_END:  # that alone harms nothing; does the picture lack anything?
            return decode_jpeg(data + _END)
        if complaint.startswith(_DAMAGE) and _EXTRANEOUS not in complaint:
            raise JpegDamaged from None
        if not complaint.startswith((_DAMAGE, *_HARMLESS)):
            return None
        pixels = _decoded(data, colours, strict=False)
    if not is_progression_whole(data):
        raise JpegDamaged
    is_doubtful = complaint.startswith(_DAMAGE)
    bright = pixels if pixels.ndim == 2 else pixels[..., 1]
    coarseness = brightness_step(data)
    return Jpeg(pixels, is_doubtful or has_block_step(bright, header.coded_block_px, coarseness))


def _decoded(data: bytes, colours: str, strict: bool = True) -> NDArray[np.uint8]:
    pixels: NDArray[np.uint8] = simplejpeg.decode_jpeg(
        data, colours, fastdct=False, fastupsample=False, strict=strict
    )
    return pixels[..., 0] if colours == "GRAY" else pixels
