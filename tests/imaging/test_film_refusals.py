"""Every bad file is refused with its own error, early and without harm."""

import io
import struct
import time
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from core.imaging import UPLOAD_LIMIT_MB, read_film, read_film_file
from core.messages.catalogue import LANGUAGES
from core.messages.errors import (
    AnimatedFile,
    EmptyFile,
    FileTooLarge,
    FilmError,
    FlatImage,
    ImageTooLarge,
    ImageTooSmall,
    NoPixelData,
    TruncatedFile,
    UnknownFormat,
    UnsupportedDicom,
)
from tests.support.phantoms import chest_phantom, encode, write_dicom

PHANTOM = chest_phantom()
PICTURES = ["JPEG", "PNG", "TIFF", "BMP", "WEBP"]


def animated(file_format: str, frames: int = 3) -> bytes:
    first, *rest = (Image.fromarray(chest_phantom(96, 96, seed)) for seed in range(frames))
    file = io.BytesIO()
    first.save(file, file_format, save_all=True, append_images=rest)
    return file.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def jpeg_of_size(width: int, height: int) -> bytes:
    data = bytearray(encode(PHANTOM, "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def webp_of_size(width: int, height: int, **options: object) -> bytes:
    data = bytearray(encode(PHANTOM, "WEBP", **options))
    if data[12:16] == b"VP8L":
        data[21:25] = ((width - 1) | (height - 1) << 14).to_bytes(4, "little")
    else:
        data[26:30] = struct.pack("<HH", width, height)
    return bytes(data)


def bmp_of_size(width: int, height: int) -> bytes:
    data = bytearray(encode(PHANTOM, "BMP"))
    data[18:26] = struct.pack("<ii", width, height)
    return bytes(data)


def test_empty() -> None:
    with pytest.raises(EmptyFile):
        read_film(b"")


def test_too_large_a_file_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "film.dcm"
    with path.open("wb") as file:
        file.truncate(UPLOAD_LIMIT_MB * 2**20 + 1)  # sparse
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("the file was read"))
    with pytest.raises(FileTooLarge) as caught:
        read_film_file(path)
    assert caught.value.details["limit_mb"] == UPLOAD_LIMIT_MB
    assert "64.0 MB" in str(caught.value)


def test_too_many_bytes() -> None:
    with pytest.raises(FileTooLarge):
        read_film(bytes(UPLOAD_LIMIT_MB * 2**20 + 1))


@pytest.mark.parametrize(
    "data",
    [
        b"not a film at all",
        b"x",
        b"%PDF-1.7\n1 0 obj",
        b"PK\x03\x04" + bytes(100),
        b"BM is how this text begins",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x08\x00 starts like DICOM but is none",
        b"\x02\x00",
        bytes(5000),
        encode(PHANTOM, "GIF"),
        encode(PHANTOM, "PPM"),
        encode(PHANTOM, "JPEG2000"),
    ],
)
def test_unknown(data: bytes) -> None:
    with pytest.raises(UnknownFormat):
        read_film(data)


def test_names_count_for_nothing(tmp_path: Path) -> None:
    text = tmp_path / "film.jpg"
    text.write_text("a letter")
    with pytest.raises(UnknownFormat):
        read_film_file(text)
    picture = tmp_path / "film.txt"
    picture.write_bytes(encode(PHANTOM, "PNG"))
    assert read_film_file(picture).facts.format == "PNG"


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP", "TIFF"])
def test_animated(file_format: str) -> None:
    with pytest.raises(AnimatedFile) as caught:
        read_film(animated(file_format))
    assert caught.value.details == {"format": file_format, "frames": 3}


@pytest.mark.parametrize(
    "data",
    [
        png_of_size(30_000, 30_000),
        png_of_size(12_000, 9_000),
        jpeg_of_size(65_000, 65_000),
        webp_of_size(16_383, 16_383),
        webp_of_size(16_383, 16_383, lossless=True),
        bmp_of_size(60_000, 60_000),
        write_dicom(PHANTOM, Rows=60_000, Columns=60_000),
        write_dicom(PHANTOM, syntax="jpeg", Rows=60_000, Columns=60_000),
    ],
    ids=["png", "png between limit and bomb", "jpeg", "webp", "webp l", "bmp", "dicom", "dcm jpeg"],
)
def test_bombs_are_refused_by_their_header(data: bytes) -> None:
    tracemalloc.start()
    start = time.process_time()
    with pytest.raises(ImageTooLarge) as caught:
        read_film(data)
    seconds = time.process_time() - start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds < 0.5
    assert peak < 5_000_000
    assert caught.value.details["limit_megapixels"] == 100


def test_a_compressed_image_larger_than_its_header_is_refused() -> None:
    data = bytearray(write_dicom(PHANTOM, syntax="jpeg"))
    at = data.index(b"\xff\xc0", data.index(b"\xff\xd8\xff"))
    data[at + 5 : at + 9] = struct.pack(">HH", 65_000, 65_000)
    with pytest.raises(TruncatedFile):
        read_film(bytes(data))


def test_a_deflated_bomb() -> None:
    data = write_dicom(PHANTOM, syntax="deflated")
    start = 144 + int.from_bytes(data[140:144], "little")
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = bytes(2**22)
    body = b"".join(bomb.compress(zeros) for _ in range(60)) + bomb.flush()
    assert len(body) < 2**20
    meta = data[132:start]
    lying = meta[:8] + b"\xf0\xff\xff\xff" + meta[12:]
    padded = b"\x02\x00\x01\x00OB\x00\x00" + struct.pack("<I", 4096) + bytes(4096) + meta[12 + 14 :]
    for head in (data[:start], meta, data[:132] + lying, data[:132] + padded):
        with pytest.raises(UnsupportedDicom):
            read_film(head + body)


@pytest.mark.parametrize(
    "data",
    [
        write_dicom(PHANTOM, bits=12, RescaleSlope="1e308", RescaleIntercept="0"),
        encode(np.where(PHANTOM > 99, 3e38, -3e38).astype(np.float32), "TIFF"),
    ],
    ids=["dicom", "tiff"],
)
def test_values_that_no_film_has(data: bytes) -> None:
    with pytest.raises(TruncatedFile):
        read_film(data)


def test_bits_that_are_not_the_lowest_are_refused_and_not_misread() -> None:
    with pytest.raises(UnsupportedDicom, match="HighBit 15"):
        read_film(write_dicom(PHANTOM.astype(np.uint16) << 8, bits=12, HighBit=15))


@pytest.mark.parametrize("file_format", PICTURES)
@pytest.mark.parametrize("size", [(1, 1), (63, 400), (400, 63)])
def test_too_small(file_format: str, size: tuple[int, int]) -> None:
    with pytest.raises(ImageTooSmall) as caught:
        read_film(encode(np.zeros(size, np.uint8), file_format))
    assert (caught.value.details["height"], caught.value.details["width"]) == size


def test_too_small_dicom() -> None:
    with pytest.raises(ImageTooSmall):
        read_film(write_dicom(PHANTOM[:10, :10]))


@pytest.mark.parametrize("file_format", PICTURES)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated(file_format: str, share: float) -> None:
    data = encode(PHANTOM, file_format)
    with pytest.raises(TruncatedFile) as caught:
        read_film(data[: int(len(data) * share)])
    assert caught.value.details == {"format": file_format}
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


@pytest.mark.parametrize("syntax", ["explicit", "rle", "jpeg", "jpeg 2000", "jpeg-ls", "deflated"])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_truncated_dicom(syntax: str, share: float) -> None:
    data = write_dicom(PHANTOM, syntax=syntax)
    with pytest.raises(TruncatedFile) as caught:
        read_film(data[: int(len(data) * share)])
    assert caught.value.details == {"format": "DICOM"}


@pytest.mark.parametrize(("syntax", "at", "value"), [("jpeg-ls", 10, 0), ("jpeg lossless", 16, 0)])
def test_data_that_kill_the_decoder_spare_the_process(syntax: str, at: int, value: int) -> None:
    data = bytearray(write_dicom(chest_phantom(72, 80), syntax=syntax))
    data[data.index(b"\xff\xd8\xff") + at] = value
    with pytest.raises(TruncatedFile):
        read_film(bytes(data))


def test_a_header_alone() -> None:
    with pytest.raises(NoPixelData):
        read_film(write_dicom(PHANTOM)[:400])


@pytest.mark.parametrize("value", [0, 128, 255])
def test_flat(value: int) -> None:
    flat = np.full((100, 100), value, np.uint8)
    flat[5, 5] = value ^ 1
    for data in (encode(flat, "PNG"), encode(flat.astype(np.uint16) * 257, "PNG")):
        with pytest.raises(FlatImage):
            read_film(data)


def test_flat_dicom() -> None:
    for padding in ({}, {"PixelPaddingValue": 7}):
        with pytest.raises(FlatImage):
            read_film(write_dicom(np.full((100, 100), 7, np.uint16), **padding))


def test_every_refusal_speaks_every_language() -> None:
    for data in (b"", b"text", png_of_size(30_000, 30_000), png_of_size(1, 1), animated("GIF")):
        with pytest.raises(FilmError) as caught:
            read_film(data)
        messages = {caught.value.message(language) for language in LANGUAGES}
        assert len(messages) == len(LANGUAGES)
        assert not any("{" in message for message in messages)


def test_nothing_but_film_errors_escapes() -> None:
    rng = np.random.default_rng(20)
    small = chest_phantom(72, 80)
    deep = small.astype(np.uint16) * 16
    files = [encode(small, name) for name in (*PICTURES, "GIF")] + [encode(deep, "PNG")]
    files += [
        write_dicom(deep, bits=12, syntax=name) for name in ("explicit", "implicit", "big endian")
    ]
    files += [write_dicom(small, syntax=name) for name in ("jpeg", "jpeg 2000", "deflated")]
    files += [write_dicom(deep, bits=12, meta=False), animated("PNG", 2), animated("WEBP", 2)]
    for round_ in range(60 * len(files)):
        data = bytearray(files[round_ % len(files)])
        reach = len(data) if rng.random() < 0.4 else min(len(data), 600)
        if rng.random() < 0.3:
            del data[rng.integers(reach) :]
        else:
            for _ in range(rng.integers(1, 6)):
                data[rng.integers(len(data) if reach > len(data) else reach)] = rng.integers(256)
        with suppress(FilmError):
            read_film(bytes(data))


def test_threads_do_not_disturb_each_other() -> None:
    phantoms = [chest_phantom(seed=seed) for seed in range(12)]
    files = [encode(p, "PNG") if i % 2 else write_dicom(p) for i, p in enumerate(phantoms)]
    with ThreadPoolExecutor(6) as pool:
        films = list(pool.map(read_film, files * 4))
    for film, phantom in zip(films, phantoms * 4, strict=True):
        assert np.corrcoef(film.pixels.ravel(), phantom.ravel())[0, 1] > 0.9999
