"""What would take too much memory or time is refused by its header, and the rest needs little."""

import io
import struct
import time
import tracemalloc
import zlib

import numpy as np
import pydicom
import pytest
import tifffile
from PIL import Image

from core.imaging import read_film
from core.imaging.bands import bands
from core.messages.errors import (
    DecodedTooLarge,
    FilmError,
    TruncatedFile,
    UnsupportedDicom,
    UnsupportedPicture,
)
from tests.support.phantoms import chest_phantom, encode, write_dicom

PHANTOM = chest_phantom()
ITEM = b"\xfe\xff\x00\xe0" + bytes(4)


def png(side: int, depth: int, kind: int) -> bytes:
    """A PNG that says so of itself and lacks its data."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, depth, kind, 0, 0, 0))
    body = chunk(b"PLTE", bytes(768)) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + body


def jpeg(side: int, mode: str, **options: object) -> bytes:
    data = bytearray(encode(np.asarray(Image.fromarray(PHANTOM).convert(mode)), "JPEG", **options))
    at = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    data[at + 5 : at + 9] = struct.pack(">HH", side, side)
    return bytes(data)


def tiff(*more: tuple[int, int], compression: int, data: bytes) -> bytes:
    """A TIFF of 100 x 100 pixels in one strip, or as further tags say."""
    place = 8 + 2 + 12 * (10 + len(more)) + 4
    tags = {256: 100, 257: 100, 258: 8, 259: compression, 262: 1, 273: place, 277: 1, 278: 100}
    tags |= {279: len(data), 266: 1} | dict(more)
    body = b"".join(struct.pack("<HHII", tag, 4, 1, tags[tag]) for tag in sorted(tags))
    return struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + body + bytes(4) + data


def with_element(element: bytes) -> bytes:
    """A DICOM film with an element before its pixels."""
    data = write_dicom(chest_phantom(80, 80))
    at = data.rindex(b"\xe0\x7f\x10\x00")
    return data[:at] + element + data[at:]


def sequence(body: bytes) -> bytes:
    return b"\x54\x00\x20\x02SQ\0\0" + struct.pack("<I", len(body)) + body


def in_dicom(frame: bytes, side: int, **elements: object) -> bytes:
    header = pydicom.dcmread(io.BytesIO(write_dicom(PHANTOM, syntax="jpeg")))
    header.Rows = header.Columns = side
    header.update(elements)
    header.PixelData = ITEM[:4] + struct.pack("<I", len(frame)) + frame
    header["PixelData"].is_undefined_length = True
    file = io.BytesIO()
    header.save_as(file)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        png(8_200, 8, 0),
        png(7_200, 8, 6),
        png(7_200, 8, 3),
        png(5_100, 16, 6),
        png(7_200, 16, 4),
        jpeg(9_000, "L"),
        jpeg(7_600, "L", progressive=True),
        jpeg(5_600, "RGB", progressive=True),
        in_dicom(jpeg(5_600, "RGB", progressive=True), 5_600, SamplesPerPixel=3),
    ],
    ids=["grey", "colour", "palette", "deep", "deep grey", "jpeg", "scans", "colours", "dicom"],
)
def test_an_image_is_refused_by_the_bytes_that_it_takes_decoded(data: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(DecodedTooLarge) as caught:
        read_film(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
    assert caught.value.details["limit_mb"] == 400
    assert "400 MB" in caught.value.message("en")


def test_the_largest_detectors_films_are_read() -> None:
    """5000 x 5000 pixels in 16 bits, and of colour and opacity no more than is given to a film."""
    wide = np.tile(np.linspace(0, 65535, 5000, dtype=np.uint16), (5000, 1))
    tracemalloc.start()
    film = read_film(write_dicom(wide))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert film.pixels.shape == (5000, 5000)
    assert peak < 8 * wide.nbytes


@pytest.mark.parametrize("mode", ["LA", "RGBA", "P", "RGB"])
def test_strips_of_a_picture_give_the_whole_picture(mode: str) -> None:
    tall = np.vstack([chest_phantom(1200, 1000, seed) for seed in range(2)])
    image = Image.fromarray(tall).convert(mode)
    if mode in ("LA", "RGBA"):
        image.putalpha(Image.fromarray(tall.T.copy()).resize(image.size))
    file = io.BytesIO()
    image.save(file, "PNG")
    black = Image.new("RGBA", image.size, "black")
    black.alpha_composite(image.convert("RGBA"))
    expected = np.asarray(black.convert("L"), np.float32) / 255
    assert len(list(bands(tall.shape))) > 2
    np.testing.assert_allclose(read_film(file.getvalue()).pixels, expected, atol=1.5 / 255)


@pytest.mark.parametrize(
    "data",
    [
        tiff((322, 65_520), (323, 65_520), (324, 158), (325, 9), compression=8, data=bytes(50)),
        tiff(compression=7, data=jpeg(60_000, "L")),
        tiff(compression=34_925, data=b"\xfd7zXZ" + bytes(50)),
    ],
    ids=["tile", "jpeg", "lzma"],
)
def test_a_piece_of_a_tiff_that_is_larger_than_the_picture(data: bytes) -> None:
    with pytest.raises((DecodedTooLarge, TruncatedFile, UnsupportedPicture)):
        read_film(data)


def test_a_strip_that_inflates_without_end_stops_at_its_size() -> None:
    data = tiff(compression=8, data=zlib.compress(bytes(2**26)))
    tracemalloc.start()
    with pytest.raises(FilmError):
        read_film(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**22


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    whole = encode(chest_phantom(2000, 2000), "JPEG", progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    with pytest.raises(TruncatedFile):
        read_film(whole[:-2] + last * 500 + b"\xff\xd9")


@pytest.mark.parametrize(
    ("element", "told"),
    [
        (b"\x55\x00\x20\x02LO\0\0" * 200_000, UnsupportedDicom),
        (sequence(ITEM * 200_000), None),
        (b"\x28\x00\x50\x10UN\0\0" + struct.pack("<I", 2**22) + b"1\\" * 2**21, None),
    ],
    ids=["elements", "items", "values"],
)
def test_a_dicom_header_without_end(element: bytes, told: type[FilmError] | None) -> None:
    start = time.process_time()
    if told:
        with pytest.raises(told):
            read_film(with_element(element))
    else:
        assert read_film(with_element(element)).facts.format == "DICOM"
    assert time.process_time() - start < 3


def test_a_bitmap_of_short_runs_is_refused() -> None:
    runs = b"\x01\x20" * (3 * 2**20)
    header = struct.pack("<IiiHHIIiiII", 40, 2000, 2000, 1, 8, 1, len(runs), 0, 0, 256, 0)
    data = struct.pack("<2sIHHI", b"BM", 1078 + len(runs), 0, 0, 1078) + header + bytes(1024) + runs
    with pytest.raises(UnsupportedPicture, match="RLE"):
        read_film(data)


def test_tiff_with_deep_colour_is_read_in_bands_as_at_once() -> None:
    grey = np.vstack([PHANTOM] * 9).astype(np.float64) / 255
    file = io.BytesIO()
    tifffile.imwrite(file, np.dstack([grey] * 3), photometric="rgb", metadata=None)
    np.testing.assert_allclose(read_film(file.getvalue()).pixels, grey, atol=2e-5)
