"""Pictures: JPEG, PNG, TIFF, BMP and WebP by Pillow, in their full depth."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from core.imaging.colour import luminance
from core.imaging.file_type import webp_size
from core.imaging.film import SYNTHETIC_DESCRIPTION, FilmFacts, check_size
from core.imaging.stored_values import from_range, from_unsigned
from core.messages.errors import AnimatedFile, UnknownFormat

# The classes themselves and not Image.open: only the format that the content names is tried, a
# photograph with a second picture inside (MPO) stays one JPEG, and no header is refused before
# its size can be told.
_READERS: dict[str, Callable[[BytesIO], ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "TIFF": TiffImageFile,
    "BMP": BmpImageFile,
    "WEBP": WebPImageFile,
    "GIF": GifImageFile,
}
_BITS_PER_SAMPLE, _PHOTOMETRIC, _WHITE_IS_ZERO = 258, 262, 0
_PNG_DEPTH_OFFSET = 24  # of the header's bit depth
_COUNTED_PAGES = 1000


def read_picture(data: bytes, file_format: str) -> tuple[NDArray[np.float32], FilmFacts, bool]:
    """Read a picture.

    Args:
        data: The file.
        file_format: What ``sniff`` found.

    Returns:
        The pixels, float32 of shape (height, width) in [0, 1], upright by the EXIF orientation;
        the facts; and True where a tint was removed.

    Raises:
        FilmError: The picture is refused.
        Exception: Whatever Pillow raises on damaged data.
    """
    if file_format == "WEBP":
        check_size(*webp_size(data))
    image = _READERS[file_format](BytesIO(data))
    frames = _frames(image)
    if frames > 1:
        raise AnimatedFile(format=file_format, frames=frames)
    if file_format == "GIF":
        raise UnknownFormat
    check_size(*image.size)
    bits, white_is_zero = _bits(image, data), _white_is_zero(image)
    image.load()
    synthetic = image.info.get("Description") == SYNTHETIC_DESCRIPTION
    _turn_upright(image)
    pixels, tinted = _grayscale(image, bits)
    if white_is_zero:
        np.subtract(np.float32(1), pixels, out=pixels)
    height_px, width_px = pixels.shape
    facts = FilmFacts(
        format=file_format,
        width_px=width_px,
        height_px=height_px,
        bits=bits,
        synthetic=synthetic,
    )
    return pixels, facts, tinted


def _frames(image: ImageFile) -> int:
    """Frames of the file; a TIFF's pages are counted up to a bound, for they form a chain."""
    if not isinstance(image, TiffImageFile):
        return int(getattr(image, "n_frames", 1))
    pages = 1
    while pages < _COUNTED_PAGES:
        try:
            image.seek(pages)
        except EOFError:
            break
        pages += 1
    image.seek(0)
    return pages


def _bits(image: ImageFile, data: bytes) -> int:
    """Stored bits of one sample."""
    if isinstance(image, TiffImageFile):
        return int(image.tag_v2.get(_BITS_PER_SAMPLE, (1,))[0])
    if isinstance(image, PngImageFile) and image.mode != "P":
        return data[_PNG_DEPTH_OFFSET]
    return 1 if image.mode == "1" else 8


def _white_is_zero(image: ImageFile) -> bool:
    """Whether the lowest value means white and Pillow leaves the inversion to its caller."""
    if not isinstance(image, TiffImageFile) or not image.mode.startswith("I;16"):
        return False
    return bool(image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO)


def _turn_upright(image: ImageFile) -> None:
    """Turn and mirror as EXIF says; EXIF that cannot be read says nothing."""
    try:
        ImageOps.exif_transpose(image, in_place=True)
    except Exception:
        return


def _grayscale(image: Image.Image, bits: int) -> tuple[NDArray[np.float32], bool]:
    """A decoded picture as float32 in [0, 1], and whether a tint was removed."""
    if image.mode.startswith("I;16"):
        values = np.asarray(image)
        key = image.info.get("transparency")
        if isinstance(key, int):
            values = np.where(values == key, np.uint16(0), values)
        return from_unsigned(values, bits), False
    if image.mode in ("I", "F"):
        return from_range(np.asarray(image)), False
    if image.has_transparency_data:
        image = _on_black(image)
    if image.mode in ("1", "L"):
        return from_unsigned(np.asarray(image.convert("L")), bits=8), False
    return luminance(np.asarray(image.convert("RGB")))


def _on_black(image: Image.Image) -> Image.Image:
    grey = image.mode in ("1", "L", "LA", "La")
    clear = image.convert("LA" if grey else "RGBA")
    film = Image.new("L" if grey else "RGB", image.size)  # black
    film.paste(clear.convert(film.mode), mask=clear.getchannel("A"))
    return film
