"""TIFF in every form, opacity that hides all, and what a picture says of its display."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms
from tifffile import TiffWriter, imwrite

from core.imaging import Film, read_film
from core.messages.errors import AnimatedFile, ImageTooLarge, TruncatedFile, UnsupportedPicture
from tests.support.phantoms import chest_phantom, encode

PHANTOM = chest_phantom()
SMALL = np.asarray(Image.fromarray(PHANTOM).resize((128, 120)))
EXACT = 1e-6


def tiff(array: NDArray[Any], **options: Any) -> bytes:
    file = io.BytesIO()
    imwrite(file, array, **({"photometric": "minisblack", "metadata": None} | options))
    return file.getvalue()


def distance(data: bytes, expected: NDArray[Any]) -> float:
    film = read_film(data)
    assert film.pixels.shape == expected.shape
    return float(np.abs(film.pixels - expected).max())


def keys(film: Film) -> list[str]:
    return [notice.key for notice in film.notices]


FORMS = {
    "8 bits": PHANTOM,
    "16 bits": PHANTOM.astype(np.uint16) * 257,
    "32 bits": PHANTOM.astype(np.uint32) * 65537,
    "8 signed": (PHANTOM.astype(np.int16) - 128).astype(np.int8),
    "16 signed": (PHANTOM.astype(np.int32) * 257 - 32768).astype(np.int16),
    "32 signed": PHANTOM.astype(np.int32) * 1000 - 5,
    "half": (PHANTOM / 255).astype(np.float16),
    "float": (PHANTOM / 255).astype(np.float32),
    "double": PHANTOM.astype(np.float64) * 3 - 100,
}
LAYOUTS: dict[str, dict[str, Any]] = {
    "strips": {"rowsperstrip": 17},
    "tiles": {"tile": (64, 48)},
    "deflate": {"compression": "zlib", "predictor": True},
    "lzw tiles": {"compression": "lzw", "tile": (128, 128)},
    "packbits": {"compression": "packbits"},
    "big endian": {"byteorder": ">"},
    "big tiff": {"bigtiff": True},
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("form", FORMS)
def test_every_width_kind_and_order_of_samples(form: str, layout: str) -> None:
    array = FORMS[form]
    tolerance = 1e-3 if form == "half" else 1e-5
    assert distance(tiff(array, **LAYOUTS[layout]), PHANTOM / 255) < tolerance


@pytest.mark.parametrize("form", FORMS)
def test_white_is_zero_in_every_width(form: str) -> None:
    array = FORMS[form]
    top = array.max() if array.dtype.kind == "f" else np.iinfo(array.dtype).max
    if array.dtype.kind == "u":
        turned = top - array
    elif array.dtype.kind == "i":
        turned = (-1 - array.astype(np.int64)).astype(array.dtype)
    else:
        turned = 1 - array if form != "double" else -array
    data = tiff(turned.astype(array.dtype), photometric="miniswhite")
    assert distance(data, PHANTOM / 255) < (1e-3 if form == "half" else 1e-5)


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("layout", ["strips", "tiles", "deflate"])
def test_colour_in_either_order_keeps_its_depth(planar: str, deep: bool, layout: str) -> None:
    grey = PHANTOM.astype(np.uint16) * 257 if deep else PHANTOM
    if deep:
        grey[100:140, 100:140] += np.arange(40, dtype=np.uint16)
    colours = np.stack([grey] * 3, axis=-1 if planar == "contig" else 0)
    data = tiff(colours, photometric="rgb", planarconfig=planar, **LAYOUTS[layout])
    assert distance(data, grey / (65535 if deep else 255)) <= EXACT


def test_smaller_copies_and_masks_are_no_further_films() -> None:
    mask = PHANTOM > 0
    kinds = {"film": (PHANTOM, 0, "minisblack"), "copy": (SMALL, 1, "minisblack")}
    kinds["mask"] = (mask, 4, "mask")
    for order in (("film", "copy", "mask"), ("copy", "mask", "film")):
        file = io.BytesIO()
        with TiffWriter(file) as writer:
            for page, kind, photometric in map(kinds.get, order):
                writer.write(page, photometric=photometric, subfiletype=kind, metadata=None)
        assert distance(file.getvalue(), PHANTOM / 255) <= EXACT
    file = io.BytesIO()
    with TiffWriter(file) as writer:  # a pyramid in sub-directories
        writer.write(PHANTOM, photometric="minisblack", subifds=1, metadata=None)
        writer.write(SMALL, photometric="minisblack", subfiletype=1, metadata=None)
    assert distance(file.getvalue(), PHANTOM / 255) <= EXACT


def test_two_films_are_two() -> None:
    file = io.BytesIO()
    with TiffWriter(file) as writer:
        for page in (PHANTOM, np.fliplr(PHANTOM)):
            writer.write(page, photometric="minisblack", metadata=None)
    with pytest.raises(AnimatedFile) as caught:
        read_film(file.getvalue())
    assert caught.value.details["frames"] == 2


def test_what_is_not_read_is_called_by_its_name() -> None:
    waves = PHANTOM.astype(np.complex64)
    with pytest.raises(UnsupportedPicture, match="SampleFormat"):
        read_film(tiff(waves))
    with pytest.raises(UnsupportedPicture, match="CIELAB"):
        read_film(tiff(np.dstack([PHANTOM] * 3), photometric="cielab"))
    odd = bytearray(tiff(PHANTOM))
    at = odd.index(struct.pack("<HHIH", 259, 3, 1, 1))
    odd[at + 8 : at + 10] = struct.pack("<H", 34661)  # JBIG
    with pytest.raises(UnsupportedPicture, match="JBIG"):
        read_film(bytes(odd))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_tiff_that_ends_early_is_damaged(layout: str) -> None:
    data = tiff(PHANTOM, **LAYOUTS[layout])
    for share in (0.5, 0.9):
        with pytest.raises(TruncatedFile):
            read_film(data[: int(len(data) * share)])


def test_values_that_would_fill_the_memory_are_refused() -> None:
    data = bytearray(tiff(PHANTOM.astype(np.float64)))
    for tag in (256, 257):
        at = data.index(struct.pack("<HH", tag, 4 if struct.pack("<HH", tag, 4) in data else 3))
        data[at + 2 : at + 12] = struct.pack("<HII", 4, 1, 10_001)
    with pytest.raises(ImageTooLarge):
        read_film(bytes(data))


def test_a_side_of_several_values_is_damage_and_not_a_lack_of_memory() -> None:
    written = io.BytesIO()
    imwrite(written, chest_phantom(80, 90, 1), byteorder="<")
    data = bytearray(written.getvalue())
    (at,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, at)
    entries = {
        struct.unpack_from("<H", data, at + 2 + 12 * n)[0]: at + 2 + 12 * n for n in range(count)
    }
    struct.pack_into("<HHIHH", data, entries[256], 256, 3, 2, 90, 90)  # two widths
    struct.pack_into("<HHII", data, entries[257], 257, 4, 1, 2**32 - 1)
    with pytest.raises(TruncatedFile):
        read_film(bytes(data))


def test_jpeg_palette_and_fax_in_tiff() -> None:
    jpeg = tiff(PHANTOM, compression="jpeg", compressionargs={"level": 97})
    assert distance(jpeg, PHANTOM / 255) < 0.04
    colours = np.stack([np.arange(256, dtype=np.uint16) * 257] * 3)
    assert distance(tiff(PHANTOM, photometric="palette", colormap=colours), PHANTOM / 255) <= EXACT
    lines = Image.fromarray(PHANTOM).convert("1")
    for packing in ("group3", "group4", None):
        file = io.BytesIO()
        lines.save(file, "TIFF", compression=packing)
        film = read_film(file.getvalue())
        assert np.array_equal(film.pixels, np.asarray(lines, np.float32)), packing
        assert film.facts.bits == 1


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_opacity_that_hides_everything_is_none(file_format: str, mode: str) -> None:
    if mode == "LA" and file_format in ("BMP", "WEBP"):
        pytest.skip(f"{file_format} has no grey with opacity")
    image = Image.fromarray(PHANTOM).convert(mode)
    image.putalpha(0)
    file = io.BytesIO()
    options = {"lossless": True, "exact": True} if file_format == "WEBP" else {}
    if file_format == "BMP":
        data = bitmap(np.dstack([PHANTOM] * 3 + [np.zeros_like(PHANTOM)]))
    else:
        image.save(file, file_format, **options)
        data = file.getvalue()
    assert distance(data, PHANTOM / 255) < 0.01


def bitmap(bgra: NDArray[np.uint8]) -> bytes:
    """A bitmap of 32 bits with a mask for opacity (version 5), which Pillow does not write."""
    rows = bgra[::-1].tobytes()
    height, width = bgra.shape[:2]
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    info = struct.pack("<IiiHHIIiiII", 124, width, height, 1, 32, 3, len(rows), 0, 0, 0, 0)
    info = (info + masks).ljust(124, b"\0")
    return b"BM" + struct.pack("<IHHI", 138 + len(rows), 0, 0, 138) + info + rows


def png(array: NDArray[Any], colour: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of 8 or 16 bits; ``colour`` is its colour type."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + crc

    big = array.astype(array.dtype.newbyteorder(">"))
    lines = b"".join(b"\0" + row.tobytes() for row in big)
    height, width = array.shape[:2]
    head = struct.pack(">IIBBBBB", width, height, 8 * array.itemsize, colour, 0, 0, 0)
    extra = b"".join(chunk(*each) for each in chunks)
    body = chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + body


def test_png_of_sixteen_bits_in_colour_keeps_its_depth() -> None:
    deep = PHANTOM.astype(np.uint16) * 257
    deep[100:140, 100:140] += np.arange(40, dtype=np.uint16)
    full = np.full_like(deep, 65535)
    for colour, parts in ((2, [deep] * 3), (4, [deep, full]), (6, [deep] * 3 + [full])):
        data = png(np.dstack(parts), colour)
        assert distance(data, deep / 65535) <= EXACT
        assert read_film(data).facts.bits == 16
        hidden = png(
            np.dstack([*parts[: 3 if colour != 4 else 1], full * 0]), 4 if colour == 4 else 6
        )
        assert distance(hidden, deep / 65535) <= EXACT
    half = full // 2
    assert distance(png(np.dstack([deep, half]), 4), deep / 65535 * 0.5) < 1e-4


GAMMAS = {1.0: 1 / 2.2, 1.8: 1.8 / 2.2}


@pytest.mark.parametrize("screen", GAMMAS)
def test_a_png_of_other_gamma_is_shown_as_it_is_meant(screen: float) -> None:
    gamma = struct.pack(">I", round(100_000 / screen))
    expected = (PHANTOM / 255) ** (screen / 2.2)
    assert distance(png(PHANTOM, 0, (b"gAMA", gamma)), expected) < 0.01
    deep = PHANTOM.astype(np.uint16) * 257
    assert distance(png(deep, 0, (b"gAMA", gamma)), expected) < 0.01
    srgb = png(PHANTOM, 0, (b"gAMA", gamma), (b"sRGB", b"\0"))  # which goes before it
    assert distance(srgb, PHANTOM / 255) <= EXACT


@pytest.mark.parametrize("gamma", [45455, 0, 2**31 - 1])
def test_a_usual_or_senseless_gamma_changes_nothing(gamma: int) -> None:
    data = png(PHANTOM, 0, (b"gAMA", struct.pack(">I", gamma)))
    assert distance(data, PHANTOM / 255) <= EXACT


def grey_profile(curve: bytes) -> bytes:
    """An ICC profile of greys with a tone curve."""
    head = bytearray(128)
    head[12:24] = b"mntrGRAYXYZ "
    head[36:40] = b"acsp"
    body = bytes(head) + struct.pack(">I4sII", 1, b"kTRC", 144, len(curve)) + curve
    return struct.pack(">I", len(body)) + body[4:]


def curve(*entries: int) -> bytes:
    return b"curv" + bytes(4) + struct.pack(f">I{len(entries)}H", len(entries), *entries)


LINEAR = [
    curve(),
    curve(256),
    curve(0, 65535),
    b"para" + bytes(8) + struct.pack(">i", 65536),
    b"para\0\0\0\0\0\3\0\0" + struct.pack(">5i", 65536, 65536, 0, 65536, 0),
]


@pytest.mark.parametrize("trc", LINEAR, ids=["none", "gamma", "table", "power", "parts"])
@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "TIFF"])
def test_a_grey_profile_is_heeded(trc: bytes, file_format: str) -> None:
    options = {"quality": 98} if file_format == "JPEG" else {}
    data = encode(PHANTOM, file_format, icc_profile=grey_profile(trc), **options)
    light = PHANTOM / 255
    expected = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(read_film(data).pixels - expected).mean() < 0.005
    assert np.abs(expected - light).mean() > 0.1


def test_a_profile_that_says_what_a_screen_does_changes_nothing() -> None:
    for profile in (
        grey_profile(curve(round(2.2 * 256))),
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
        grey_profile(b"curv"),
        b"rubbish",
    ):
        assert distance(encode(PHANTOM, "PNG", icc_profile=profile), PHANTOM / 255) <= EXACT


def test_pictures_with_pixels_that_are_not_square_are_shown_in_proportion() -> None:
    half = PHANTOM[::2]
    files = {
        "PNG": png(half, 0, (b"pHYs", struct.pack(">IIB", 4000, 2000, 1))),
        "PNG ratio": png(half, 0, (b"pHYs", struct.pack(">IIB", 2, 1, 0))),
        "TIFF": tiff(half, resolution=(200, 100)),
    }
    jpeg = bytearray(encode(half, "JPEG", quality=98, dpi=(200, 200)))
    at = jpeg.index(b"JFIF\0")
    jpeg[at + 8 : at + 12] = struct.pack(">HH", 200, 100)
    files["JPEG"] = bytes(jpeg)
    for name, data in files.items():
        film = read_film(data)
        assert film.pixels.shape == PHANTOM.shape, name
        assert "film.notice.aspect" in keys(film)
        assert np.abs(film.pixels - PHANTOM / 255).mean() < 0.03
    assert read_film(png(PHANTOM, 0, (b"pHYs", struct.pack(">IIB", 9000, 1, 1)))).notices == ()


def test_a_turned_picture_keeps_its_proportions() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(PHANTOM[::2]).save(file, "PNG", exif=exif, dpi=(200, 100))
    film = read_film(file.getvalue())
    assert film.pixels.shape == PHANTOM.shape[::-1]
    assert np.abs(film.pixels - np.rot90(PHANTOM, -1) / 255).mean() < 0.03
