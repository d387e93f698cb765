"""Pictures: JPEG, PNG, BMP and WebP, in their full depth; TIFF is next door."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
from imagecodecs import png_decode
from numpy.typing import NDArray
from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from core.imaging.aspect import squared
from core.imaging.bands import bands
from core.imaging.colour import luminance
from core.imaging.file_type import webp_size
from core.imaging.film import SYNTHETIC_DESCRIPTION, Decoded, FilmFacts, Notice, check_size
from core.imaging.jpeg import JpegDamaged, decode_jpeg, jpeg_bytes
from core.imaging.opacity import is_hiding, on_black
from core.imaging.stored_values import from_unsigned
from core.imaging.tiff import read_tiff
from core.imaging.tone import apply_tone
from core.imaging.turn import upright
from core.messages.errors import AnimatedFile, TruncatedFile, UnknownFormat, UnsupportedPicture

# The classes themselves and not Image.open: only the format that the content names is tried, a
# photograph with a second picture inside (MPO) stays one JPEG, and no header is refused before
# its size can be told.
_READERS: dict[str, Callable[[BytesIO], ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "BMP": BmpImageFile,
    "WEBP": WebPImageFile,
    "GIF": GifImageFile,
}
_PNG_DEPTH_OFFSET = 24  # of the header's bit depth
_WEBP_BYTES = 12  # two canvases in colour and opacity, and the picture
_RUN_LENGTHS, _MOST_RUN_LENGTH_BYTES = (1, 2), 4 * 2**20  # of BMP, which Pillow decodes in Python
_ODDEST_ASPECT = 2.5
"""A picture's resolution is often nonsense; a fax, the oddest, has pixels of 1 to 2.1."""

Grey = tuple[NDArray[np.float32], tuple[Notice, ...]]


def read_picture(data: bytes, file_format: str) -> Decoded:
    """Read a picture.

    Args:
        data: The file.
        file_format: What ``sniff`` found.

    Returns:
        The pixels, upright by the EXIF orientation and in the proportions and greys that the
        file says; the facts; and what the reader should be told.

    Raises:
        FilmError: The picture is refused.
        Exception: Whatever Pillow raises on damaged data.
    """
    if file_format == "TIFF":
        return read_tiff(data)
    if file_format == "WEBP":
        check_size(*webp_size(data), _WEBP_BYTES)
    image = _READERS[file_format](BytesIO(data))
    frames = int(getattr(image, "n_frames", 1))
    if frames > 1:
        raise AnimatedFile(format=file_format, frames=frames)
    if file_format == "GIF":
        raise UnknownFormat
    bits = _bits(image, data)
    check_size(*image.size, _decoder_bytes(image, data, bits))
    if image.info.get("compression") in _RUN_LENGTHS and len(data) > _MOST_RUN_LENGTH_BYTES:
        raise UnsupportedPicture(format=file_format, what=f"RLE, {len(data) // 2**20} MB")
    pixels, notices = _decoded(image, data, bits)
    pixels = apply_tone(pixels, image.info, image.mode in ("1", "L", "LA", "I;16"))
    pixels, told = squared(pixels, _aspect(image), _ODDEST_ASPECT)
    pixels = upright(pixels, _orientation(image))
    height_px, width_px = pixels.shape
    facts = FilmFacts(
        format=file_format,
        width_px=width_px,
        height_px=height_px,
        bits=bits,
        synthetic=image.info.get("Description") == SYNTHETIC_DESCRIPTION,
    )
    return Decoded(pixels, facts, (*notices, *told))


def _decoded(image: ImageFile, data: bytes, bits: int) -> Grey:
    """Pixels in [0, 1] as they are stored, and what the reader should be told.

    Raises:
        TruncatedFile: A JPEG is damaged.
    """
    if isinstance(image, JpegImageFile):
        try:
            jpeg = decode_jpeg(data)
        except JpegDamaged:
            raise TruncatedFile(format="JPEG") from None
        if jpeg is not None:
            doubt = (Notice("film.notice.damage"),) if jpeg.is_doubtful else ()
            if jpeg.pixels.ndim == 2:
                return from_unsigned(jpeg.pixels, bits=8), doubt
            pixels, notices = luminance(jpeg.pixels)
            return pixels, (*doubt, *notices)
    image.load()
    if bits == 16 and not image.mode.startswith("I;16"):
        return _deep(png_decode(data))
    return _grayscale(image, bits)


def _decoder_bytes(image: ImageFile, data: bytes, bits: int) -> float:
    """What decoding holds of each pixel: the decoder's own picture, and what is made from it."""
    if isinstance(image, WebPImageFile):
        return _WEBP_BYTES
    if isinstance(image, JpegImageFile):
        return jpeg_bytes(data, len(image.getbands()))
    channels = len(image.getbands())
    own = 4 if channels > 1 else 2 if image.mode == "I;16" else 1
    if bits == 16:
        return own if channels == 1 else own + 2 * channels
    return own + (1 if image.mode in ("1", "L", "LA") else 3)


def _bits(image: ImageFile, data: bytes) -> int:
    """Stored bits of one sample."""
    if isinstance(image, PngImageFile) and image.mode != "P":
        return data[_PNG_DEPTH_OFFSET]
    return 1 if image.mode == "1" else 8


def _aspect(image: ImageFile) -> float:
    """Height of a pixel by its width: the inverse of how many there are to a length."""
    info = image.info
    if isinstance(image, JpegImageFile):  # Pillow gives one number for both in dpi
        density = info.get("jfif_density")
    else:
        density = info.get("aspect") or info.get("dpi")
    if not isinstance(density, tuple) or len(density) != 2 or not all(density):
        return 1.0
    return float(density[0]) / float(density[1])


def _orientation(image: ImageFile) -> int:
    """The EXIF orientation; EXIF that cannot be read says nothing."""
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception:
        return 1


def _grayscale(image: Image.Image, bits: int) -> Grey:
    """A picture decoded by Pillow as float32 in [0, 1], and what to tell."""
    if image.mode.startswith("I;16"):
        values = np.asarray(image)
        key = image.info.get("transparency")
        if isinstance(key, int):
            values = np.where(values == key, np.uint16(0), values)
        return from_unsigned(values, bits), ()
    is_grey = image.mode in ("1", "L", "LA", "La")
    kind = "L" if is_grey else "RGB"
    shape = (image.height, image.width) if is_grey else (image.height, image.width, 3)
    is_clear = image.has_transparency_data and not _is_hidden(image)
    values = np.empty(shape, np.uint8)
    for rows in bands(shape):
        band = _rows(image, rows)
        if image.has_transparency_data:
            band = band.convert("LA" if is_grey else "RGBA")
        film = band.convert(kind)
        if is_clear:
            opaque, film = film, Image.new(kind, film.size)  # black
            film.paste(opaque, mask=band.getchannel("A"))
        values[rows] = np.asarray(film)
    return (from_unsigned(values, bits=8), ()) if is_grey else luminance(values)


def _rows(image: Image.Image, rows: slice) -> Image.Image:
    return image.crop((0, rows.start, image.width, rows.stop))


def _is_hidden(image: Image.Image) -> bool:
    """Whether opacity hides (nearly) all of a picture: then it was never meant."""
    seen = 0
    for rows in bands((image.height, image.width)):
        opacity = _rows(image, rows).convert("RGBA").getchannel("A")
        seen += int(np.count_nonzero(np.asarray(opacity)))
    return is_hiding(seen, image.width * image.height)


def _deep(values: NDArray[np.uint16]) -> Grey:
    """A PNG of 16 bits in colour, or with opacity: (height, width, 2, 3 or 4)."""
    channels = values.shape[2]
    if channels in (2, 4):
        values = on_black(values[..., :-1], values[..., -1])
    if channels == 2:
        return from_unsigned(values[..., 0], 16), ()
    return luminance(values, 16)
