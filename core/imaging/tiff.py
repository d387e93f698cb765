"""TIFF by tifffile: every width, kind and order of samples, in strips or tiles."""

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL.TiffImagePlugin import TiffImageFile
from tifffile import TIFF, TiffFile, TiffPage

from core.imaging.aspect import squared
from core.imaging.bands import bands
from core.imaging.codestream import codestream_size
from core.imaging.colour import luminance
from core.imaging.film import Decoded, FilmFacts, Notice, check_size
from core.imaging.opacity import on_black
from core.imaging.stored_values import from_range, from_unsigned
from core.imaging.tone import apply_tone
from core.imaging.turn import upright
from core.messages.errors import AnimatedFile, TruncatedFile, UnsupportedPicture

_COUNTED_PAGES = 1000
_REDUCED_OR_MASK, _OLD_REDUCED = 1 | 4, 2
_ORIENTATION, _ACROSS, _DOWN, _PROFILE, _OLD_SUBFILE = 274, 282, 283, 34675, 255
_UNSIGNED, _SIGNED, _FLOAT = 1, 2, 3
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR = 0, 1, 2, 3, 5, 6
_CHANNELS = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _PALETTE: 1, _RGB: 3, _CMYK: 4, _YCBCR: 3}
_ASSOCIATED, _UNASSOCIATED = 1, 2
_CODESTREAMS = frozenset((7, 33003, 33005, 34712))
"""JPEG and JPEG 2000, which have a size of their own."""

_COMPRESSIONS = _CODESTREAMS | {1, 2, 3, 4, 5, 6, 8, 32773, 32946, 50000}
"""Those whose decoders can be told how much they may give: none, fax, LZW, deflate and so on."""

_MOST_CHANNELS, _ODDEST_ASPECT = 6, 2.5

Grey = tuple[NDArray[np.float32], tuple[Notice, ...]]


def read_tiff(data: bytes) -> Decoded:
    """Read a TIFF that holds one film; smaller copies and masks of it do not count.

    Raises:
        FilmError: The picture is refused.
        Exception: Whatever tifffile raises on damaged data.
    """
    with TiffFile(BytesIO(data)) as file:
        pages = _films(file)
        if len(pages) > 1:
            raise AnimatedFile(format="TIFF", frames=len(pages))
        (page,) = pages
        check_size(page.imagewidth, page.imagelength)
        _check(page, data)
        values = _values(page, data)
        pixels, notices = _grayscale(page, values)
        info = {"icc_profile": _tag(page, _PROFILE)}
        is_grey = page.photometric in (_WHITE_IS_ZERO, _BLACK_IS_ZERO)
        pixels = apply_tone(pixels, info, is_grey)
        pixels, told = squared(pixels, _aspect(page), _ODDEST_ASPECT)
        pixels = upright(pixels, _tag(page, _ORIENTATION))
        bits = _bits(page)
    facts = FilmFacts("TIFF", width_px=pixels.shape[1], height_px=pixels.shape[0], bits=bits)
    return Decoded(pixels, facts, (*notices, *told))


def _films(file: TiffFile) -> list[TiffPage]:
    """Pages that are films; pages are counted up to a bound, for they form a chain."""
    pages: list[TiffPage] = []
    for index in range(_COUNTED_PAGES):
        try:
            page = file.pages[index]
        except IndexError:
            break
        if isinstance(page, TiffPage):  # it is, unless pages are asked for as frames
            _check_sides(page)
            pages.append(page)
    films = [page for page in pages if not _is_reduced(page)]
    if films or not pages:
        return films or pages
    return [max(pages, key=lambda page: page.imagewidth * page.imagelength)]


def _check_sides(page: TiffPage) -> None:
    """Refuse a side of several values: times another it would be a list that fills the memory.

    Raises:
        TruncatedFile: A side is no number.
    """
    sides = (page.imagewidth, page.imagelength, page.tilewidth, page.tilelength)
    if not all(isinstance(side, int) for side in sides):
        raise TruncatedFile(format="TIFF")


def _is_reduced(page: TiffPage) -> bool:
    return bool(page.subfiletype & _REDUCED_OR_MASK or _tag(page, _OLD_SUBFILE) == _OLD_REDUCED)


def _tag(page: TiffPage, code: int) -> Any:
    """A tag's value; None where there is none, or none that can be read."""
    try:
        return page.tags.valueof(code)
    except Exception:
        return None


def _bits(page: TiffPage) -> int:
    bits = page.bitspersample
    return int(bits[0] if isinstance(bits, tuple) else bits)


def _check(page: TiffPage, data: bytes) -> None:
    """Refuse what is not read, before it is decoded.

    Raises:
        DecodedTooLarge: Its values, or those of one tile, would fill the memory.
        TruncatedFile: Its data lie beyond the file's end.
        UnsupportedPicture: It is stored in a way that is not read.
    """
    if page.photometric not in _CHANNELS:
        raise _unsupported(page.photometric)
    if page.sampleformat not in (_UNSIGNED, _SIGNED, _FLOAT) or page.dtype is None:
        raise _unsupported(f"SampleFormat {page.sampleformat}, {page.bitspersample} bits")
    channels = page.samplesperpixel
    if page.imagedepth > 1 or not _CHANNELS[page.photometric] <= channels <= _MOST_CHANNELS:
        raise _unsupported(f"{channels} × {page.imagedepth} samples")
    if page.compression not in _COMPRESSIONS:
        raise _unsupported(page.compression)
    pixels = page.imagewidth * page.imagelength
    pieces = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    if not pieces or any(not size or at + size > len(data) for at, size in pieces):
        raise TruncatedFile(format="TIFF")
    if page.compression == 1 and sum(page.databytecounts) * 8 < pixels * channels * _bits(page):
        raise TruncatedFile(format="TIFF")
    tile_px = page.tilewidth * page.tilelength if page.is_tiled else 0
    check_size(page.imagewidth, page.imagelength, _decoder_bytes(page) * (1 + tile_px / pixels))
    if page.compression in _CODESTREAMS:
        for at, size in pieces:
            _check_codestream(page, data[at : at + size])


def _decoder_bytes(page: TiffPage) -> float:
    """What decoding holds of each pixel: its samples, and what is made of them."""
    sample = page.dtype.itemsize if page.dtype is not None else 1
    channels = page.samplesperpixel
    own = channels * sample
    if page.photometric == _PALETTE:
        return own + 6
    if channels == 1:
        return own
    is_plain = page.sampleformat == _UNSIGNED and sample <= 2
    return own + 3 * (sample if is_plain else 6)


def _check_codestream(page: TiffPage, piece: bytes) -> None:
    """Refuse a strip or tile that says of itself that it is larger than one.

    Raises:
        TruncatedFile: It does, or says nothing.
    """
    size = codestream_size(piece)
    across, down = (page.tilewidth, page.tilelength) if page.is_tiled else (page.imagewidth, 0)
    down = down or min(page.rowsperstrip, page.imagelength)
    if size is None or not (0 < size[0] <= across and 0 < size[1] <= max(down, 16)):
        raise TruncatedFile(format="TIFF")


def _unsupported(what: object) -> UnsupportedPicture:
    return UnsupportedPicture(format="TIFF", what=getattr(what, "name", what))


def _values(page: TiffPage, data: bytes) -> NDArray[Any]:
    """Samples of a page, shape (height, width, channels).

    Raises:
        UnsupportedPicture: Its compression is not read.
    """
    try:
        TIFF.DECOMPRESSORS[page.compression]
        decoded = page.asarray(squeeze=False)  # planes, depth, height, width, channels
    except (KeyError, NotImplementedError):
        return _by_pillow(page, data)
    except ValueError as error:
        if "not supported" in str(error) or "not implemented" in str(error):
            return _by_pillow(page, data)
        raise
    planes: NDArray[Any] = decoded[:, 0]
    return planes[0] if len(planes) == 1 else np.moveaxis(planes[..., 0], 0, -1)


def _by_pillow(page: TiffPage, data: bytes) -> NDArray[Any]:
    """Samples by libtiff, for old ways of packing 8 bits or one: fax and subsampled colour.

    Raises:
        UnsupportedPicture: Pillow does not read it either.
    """
    try:
        image = TiffImageFile(BytesIO(data))
        image.seek(page.index)
        mode = "L" if image.mode in ("1", "L") else "RGB"
        values = np.asarray(image.convert(mode))
    except (SyntaxError, KeyError):
        raise _unsupported(page.compression) from None
    if mode == "L" and page.photometric == _WHITE_IS_ZERO:  # Pillow has turned it round
        values = 255 - values
    return values.reshape(*values.shape[:2], -1)


def _grayscale(page: TiffPage, values: NDArray[Any]) -> Grey:
    """A page's samples as float32 in [0, 1], and what to tell."""
    colours = values[..., : _CHANNELS[page.photometric]]
    extra = page.extrasamples
    if extra and extra[0] == _UNASSOCIATED and values.dtype.kind == "u":
        colours = on_black(colours, values[..., colours.shape[2]])
    if page.photometric == _PALETTE:
        return _by_palette(page, colours[..., 0])
    bits = 8 * values.dtype.itemsize if values.dtype.kind == "u" else 0
    if colours.shape[2] == 1:
        pixels = _grey(colours[..., 0], _bits(page))
        if page.photometric == _WHITE_IS_ZERO:
            np.subtract(np.float32(1), pixels, out=pixels)
        return pixels, ()
    if not bits or bits > 16:
        rgb = from_range(colours)
        colours, bits = np.empty(rgb.shape, np.uint16), 16
        for rows in bands(rgb.shape):
            colours[rows] = np.rint(rgb[rows] * 65535)
    return luminance(_without_ink(colours) if page.photometric == _CMYK else colours, bits)


def _without_ink(inks: NDArray[Any]) -> NDArray[Any]:
    """Red, green and blue of what is printed in four inks."""
    full = np.iinfo(inks.dtype).max
    colours = np.empty((*inks.shape[:2], 3), inks.dtype)
    for rows in bands(inks.shape):
        ink = inks[rows].astype(np.float32) / full
        colours[rows] = np.rint((1 - ink[..., :3]) * (1 - ink[..., 3:]) * full)
    return colours


def _grey(values: NDArray[Any], bits: int) -> NDArray[np.float32]:
    if values.dtype.kind == "b":
        return values.astype(np.float32, copy=False)
    if values.dtype.kind == "u" and values.dtype.itemsize <= 2:
        if bits < 8:  # the full range of so few bits
            few: NDArray[np.float32] = np.divide(values, np.float32(2**bits - 1), dtype=np.float32)
            return few
        return from_unsigned(values, bits)
    return from_range(values)


def _by_palette(page: TiffPage, values: NDArray[Any]) -> Grey:
    """Colours of 16 bits by the page's palette; some writers fill it with 8."""
    palette = page.colormap
    if palette is None or values.max() >= palette.shape[1]:
        raise _unsupported("ColorMap")
    bits = 16 if palette.max() > 255 else 8
    colours = np.empty((*values.shape, 3), f"u{bits // 8}")
    for rows in bands(values.shape):
        colours[rows] = np.moveaxis(palette[:, values[rows]], 0, -1)
    return luminance(colours, bits)


def _aspect(page: TiffPage) -> float:
    """Height of a pixel by its width: the inverse of how many there are to a length."""
    found = [_tag(page, code) for code in (_ACROSS, _DOWN)]
    try:
        across, down = (top / bottom for top, bottom in found)
        return float(across / down)
    except (TypeError, ValueError, ZeroDivisionError):
        return 1.0
