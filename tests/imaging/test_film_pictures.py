"""Pictures of every kind give the phantom's own pixels back."""

import hashlib
import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.imaging import read_film, read_film_file
from tests.support.phantoms import chest_phantom, encode

PHANTOM = chest_phantom()
EXACT, JPEG_NOISE = 1e-6, 0.04

REAL = Path(os.environ.get("CHEST_XRAY_DIR", Path(__file__).parents[3] / "shared/data/chest_xray"))


def saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def assert_same(data: bytes, expected: NDArray, tolerance: float = EXACT) -> None:
    film = read_film(data)
    assert film.pixels.dtype == np.float32
    assert film.pixels.shape == expected.shape
    assert np.abs(film.pixels - expected).max() <= tolerance


@pytest.mark.parametrize(
    ("file_format", "options", "tolerance"),
    [
        ("JPEG", {"quality": 97}, JPEG_NOISE),
        ("JPEG", {"quality": 97, "progressive": True}, JPEG_NOISE),
        ("PNG", {}, EXACT),
        ("TIFF", {}, EXACT),
        ("TIFF", {"compression": "tiff_lzw"}, EXACT),
        ("TIFF", {"compression": "tiff_adobe_deflate"}, EXACT),
        ("TIFF", {"big_tiff": True}, EXACT),
        ("BMP", {}, EXACT),
        ("WEBP", {"lossless": True}, 0.01),
        ("WEBP", {"quality": 95}, JPEG_NOISE),
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_eight_bit_film(file_format: str, options: dict, tolerance: float, channels: int) -> None:
    array = PHANTOM if channels == 1 else np.dstack([PHANTOM] * 3)
    data = encode(array, file_format, **options)
    assert_same(data, PHANTOM / 255, tolerance)
    film = read_film(data)
    assert (film.facts.format, film.facts.bits, film.notices) == (file_format, 8, ())
    assert (film.facts.height_px, film.facts.width_px) == PHANTOM.shape


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_sixteen_bits_keep_their_depth(file_format: str) -> None:
    deep = PHANTOM.astype(np.uint16) * 257
    deep[100:140, 100:140] += np.arange(40, dtype=np.uint16)  # steps that 8 bits cannot hold
    film = read_film(encode(deep, file_format))
    assert film.facts.bits == 16
    assert np.abs(film.pixels - deep / 65535).max() <= EXACT
    assert len(np.unique(film.pixels[100, 100:140])) > 8


def test_big_endian_tiff() -> None:
    deep = PHANTOM.astype(np.uint16) * 257
    height, width = deep.shape
    pixels = deep.astype(">u2").tobytes()
    entries = {256: width, 257: height, 258: 16, 259: 1, 262: 1, 273: 8, 277: 1, 278: height}
    entries[279] = len(pixels)
    directory = struct.pack(">H", len(entries))
    for tag, value in entries.items():
        directory += struct.pack(">HHII", tag, 4, 1, value)
    data = b"MM\0*" + struct.pack(">I", 8 + len(pixels)) + pixels + directory + bytes(4)
    assert_same(data, deep / 65535)


@pytest.mark.parametrize(("top", "scale"), [(4095, 4095), (16383, 16383), (20000, 65535)])
def test_twelve_bits_in_sixteen_are_not_black(top: int, scale: int) -> None:
    deep = (PHANTOM / 255 * top).astype(np.uint16)
    assert_same(encode(deep, "PNG"), deep / scale)


def test_white_is_zero_tiff_of_eight_bits() -> None:
    data = bytearray(encode(255 - PHANTOM, "TIFF"))
    _set_tiff_tag(data, 262, 0)
    assert_same(bytes(data), PHANTOM / 255)


def test_white_is_zero_tiff_of_sixteen_bits() -> None:
    deep = PHANTOM.astype(np.uint16) * 257
    data = bytearray(encode(65535 - deep, "TIFF"))
    _set_tiff_tag(data, 262, 0)
    assert_same(bytes(data), deep / 65535)


def test_float_tiff_in_unit_range_stays() -> None:
    array = (PHANTOM / 510).astype(np.float32)
    assert_same(encode(array, "TIFF"), array)


def test_float_tiff_beyond_is_stretched_and_nan_is_black() -> None:
    array = PHANTOM.astype(np.float32) * 40 - 1000
    array[0, 0], array[0, 1] = np.nan, np.inf
    expected = PHANTOM / 255
    expected[0, :2] = 0
    assert_same(encode(array, "TIFF"), expected)


def test_integer_tiff_of_32_bits_is_stretched() -> None:
    assert_same(encode(PHANTOM.astype(np.int32) * 1000 - 5, "TIFF"), PHANTOM / 255)


def test_one_bit() -> None:
    data = saved(Image.fromarray(PHANTOM).convert("1"), "PNG")
    film = read_film(data)
    assert film.facts.bits == 1
    assert set(np.unique(film.pixels)) == {0.0, 1.0}


def test_palette() -> None:
    palette = Image.fromarray(PHANTOM // 2 * 2)
    data = saved(palette.convert("RGB").quantize(256), "PNG")
    assert_same(data, (PHANTOM // 2 * 2) / 255, 0.03)


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_transparency_is_laid_on_black(mode: str) -> None:
    image = Image.fromarray(PHANTOM).convert(mode)
    clear = np.full(PHANTOM.shape, 255, np.uint8)
    clear[:, :60] = 0
    image.putalpha(Image.fromarray(clear))
    assert_same(saved(image, "PNG"), PHANTOM * (clear > 0) / 255)


def test_hidden_colours_do_not_count() -> None:
    rgba = np.dstack([PHANTOM] * 3 + [np.full(PHANTOM.shape, 255, np.uint8)])
    rgba[:, :60] = (255, 0, 0, 0)
    assert read_film(encode(rgba, "PNG")).notices == ()


def test_transparent_grey_value() -> None:
    data = saved(Image.fromarray(PHANTOM), "PNG", transparency=255)
    assert_same(data, np.where(PHANTOM == 255, 0, PHANTOM) / 255)
    deep = PHANTOM.astype(np.uint16) * 257
    data = saved(Image.fromarray(deep), "PNG", transparency=65535)
    assert_same(data, np.where(deep == 65535, 0, deep) / 65535)


@pytest.mark.parametrize("file_format", ["JPEG", "TIFF"])
def test_cmyk(file_format: str) -> None:
    image = Image.fromarray(PHANTOM).convert("RGB").convert("CMYK")
    data = saved(image, file_format, **({"quality": 97} if file_format == "JPEG" else {}))
    assert_same(data, PHANTOM / 255, JPEG_NOISE)


UPRIGHT: dict[int, Callable[[NDArray], NDArray]] = {
    1: lambda stored: stored,
    2: np.fliplr,
    3: lambda stored: np.rot90(stored, 2),
    4: np.flipud,
    5: np.transpose,
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: np.rot90(stored, 2).T,
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_exif_orientation(orientation: int, file_format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 97}}.get(file_format, {})
    data = saved(Image.fromarray(PHANTOM), file_format, exif=exif, **options)
    assert_same(data, UPRIGHT[orientation](PHANTOM) / 255, JPEG_NOISE)
    film = read_film(data)
    assert (film.facts.height_px, film.facts.width_px) == film.pixels.shape
    assert film.pixels.flags.c_contiguous


def test_broken_exif_says_nothing() -> None:
    data = saved(Image.fromarray(PHANTOM), "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff garbage")
    assert_same(data, PHANTOM / 255)


def test_a_phone_picture_with_a_second_image_inside_is_one_film() -> None:
    image = Image.fromarray(PHANTOM)
    data = saved(image, "MPO", save_all=True, append_images=[image.rotate(90)], quality=97)
    assert read_film(data).facts.format == "JPEG"
    assert_same(data, PHANTOM / 255, JPEG_NOISE)


def test_sixteen_bit_colour_png_tells_its_depth() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    height, width = PHANTOM.shape
    rows = np.dstack([PHANTOM.astype(">u2") * 257] * 3).reshape(height, -1).astype(">u2")
    body = b"".join(b"\0" + row.tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    data += chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")
    assert_same(data, PHANTOM / 255)
    assert read_film(data).facts.bits == 16


def test_small_film_is_noticed() -> None:
    film = read_film(encode(chest_phantom(200, 300), "PNG"))
    (notice,) = film.notices
    assert notice.key == "film.notice.small"
    assert "300 × 200" in notice.message("en")
    assert "224" in notice.message("ko")


def test_the_hash_is_of_the_bytes_and_the_array_is_read_only() -> None:
    data = encode(PHANTOM, "PNG")
    film = read_film(data)
    assert film.sha256 == hashlib.sha256(data).hexdigest()
    with pytest.raises(ValueError, match="read-only"):
        film.pixels[0, 0] = 1


def test_a_file_needs_no_extension(tmp_path: Path) -> None:
    path = tmp_path / "IM000001"
    path.write_bytes(encode(PHANTOM, "PNG"))
    assert read_film_file(path) == read_film(path.read_bytes())


@pytest.mark.skipif(not REAL.is_dir(), reason=f"no films in {REAL} (set CHEST_XRAY_DIR)")
def test_real_films() -> None:
    files = sorted((REAL / "test").glob("*/*.jp*g"))[::60]
    assert files
    for file in files:
        film = read_film_file(file)
        assert film.facts.format == "JPEG"
        assert film.pixels.std() > 0.05
        with Image.open(file) as image:
            assert np.abs(film.pixels - np.asarray(image.convert("L")) / 255).max() <= EXACT


def _set_tiff_tag(data: bytearray, tag: int, value: int) -> None:
    """Overwrite a SHORT tag's value in a little-endian TIFF."""
    entry = tag.to_bytes(2, "little") + b"\x03\x00\x01\x00\x00\x00"
    at = data.index(entry)
    data[at + 8 : at + 10] = value.to_bytes(2, "little")
