"""Stored values: whatever the coding, rid of foreign bits, and read by what the bytes are."""

import struct
from io import BytesIO
from typing import Any

import numpy as np
import pydicom
import pytest
from imagecodecs import jpeg8_encode
from numpy.typing import NDArray
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.uid import UID, JPEG2000Lossless, JPEGExtended12Bit, RLELossless

from core.imaging import Film, read_film
from core.messages.errors import TruncatedFile, UnsupportedDicom
from tests.support.phantoms import SYNTAXES, chest_phantom, encode, write_dicom

PHANTOM = chest_phantom()
TWELVE = PHANTOM.astype(np.uint16) * 16 + np.arange(PHANTOM.shape[1], dtype=np.uint16) % 16
SIGNED = TWELVE.astype(np.int16) - 2048
RUBBISH = np.random.default_rng(5).integers(0, 16, PHANTOM.shape, dtype=np.uint16) << 12
EXACT, JPEG_NOISE = 1e-6, 0.04
DEEP = [name for name in SYNTAXES if name not in ("jpeg", "jpeg extended")]
TOLD = "film.notice.mislabelled"


def keys(film: Film) -> list[str]:
    return [notice.key for notice in film.notices]


def shows(film: Film, values: NDArray[Any], tolerance: float = EXACT) -> bool:
    wanted = (values - float(values.min())) / (float(values.max()) - float(values.min()))
    return film.pixels.shape == values.shape and bool(
        np.abs(film.pixels - wanted).max() <= tolerance
    )


def changed(data: bytes, **elements: Any) -> bytes:
    """A file with other elements; a value of None removes one."""
    header = pydicom.dcmread(BytesIO(data), force=True)
    for keyword, value in elements.items():
        if value is None:
            del header[keyword]
        else:
            setattr(header, keyword, value)
    file = BytesIO()
    header.save_as(file)
    return file.getvalue()


def renamed(data: bytes, syntax: UID) -> bytes:
    """A file that names another transfer syntax and is the same otherwise."""
    at = data.find(b"\x02\0\x10\0UI")
    (length,) = struct.unpack_from("<H", data, at + 6)
    name = syntax.encode() + b"\0" * (len(syntax) % 2)
    return data[: at + 6] + struct.pack("<H", len(name)) + name + data[at + 8 + length :]


def framed(frame: bytes, syntax: UID, bits: int, array: NDArray[Any], **elements: Any) -> bytes:
    """A file with one compressed frame."""
    data = write_dicom(array, bits=bits)
    header = pydicom.dcmread(BytesIO(data))
    header.file_meta.TransferSyntaxUID = syntax
    header.PixelData = encapsulate([frame])
    header["PixelData"].VR = "OB"
    header["PixelData"].is_undefined_length = True
    for keyword, value in elements.items():
        setattr(header, keyword, value)
    file = BytesIO()
    header.save_as(file)
    return file.getvalue()


@pytest.mark.parametrize("syntax", DEEP)
def test_bits_above_the_stored_ones_are_no_part_of_the_film(syntax: str) -> None:
    dirty = changed(write_dicom(TWELVE | RUBBISH, syntax=syntax), BitsStored=12, HighBit=11)
    assert shows(read_film(dirty), TWELVE)


@pytest.mark.parametrize("syntax", DEEP)
def test_signed_values_get_their_sign_back_from_their_highest_own_bit(syntax: str) -> None:
    bare = (SIGNED.view(np.uint16) & 0xFFF | RUBBISH).view(np.int16)
    dirty = changed(write_dicom(bare, syntax=syntax), BitsStored=12, HighBit=11)
    assert shows(read_film(dirty), SIGNED)


def test_bytes_in_a_header_for_words_are_read() -> None:
    header = {"BitsAllocated": 16, "BitsStored": 8, "HighBit": 7}
    for syntax in ("explicit", "rle", "jpeg", "jpeg lossless", "jpeg-ls", "jpeg 2000"):
        film = read_film(changed(write_dicom(PHANTOM, syntax=syntax), **header))
        assert shows(film, PHANTOM, JPEG_NOISE if syntax == "jpeg" else EXACT), syntax


def test_words_of_bytes_by_rle_are_read() -> None:
    header = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}
    data = write_dicom(PHANTOM.astype(np.uint16), bits=8, syntax="rle")
    assert shows(read_film(changed(data, **header)), PHANTOM)


@pytest.mark.parametrize("told", [JPEG2000Lossless, RLELossless, JPEGExtended12Bit])
def test_native_values_under_a_compressed_syntax_are_read_and_told(told: UID) -> None:
    film = read_film(renamed(write_dicom(TWELVE, bits=12), told))
    assert shows(film, TWELVE)
    assert keys(film) == [TOLD]


@pytest.mark.parametrize("syntax", ["jpeg", "jpeg lossless", "jpeg-ls", "jpeg 2000", "rle"])
@pytest.mark.parametrize("told", ["explicit", "jpeg 2000", "rle"])
def test_compressed_values_under_another_syntax_are_read_and_told(syntax: str, told: str) -> None:
    film = read_film(renamed(write_dicom(PHANTOM, syntax=syntax), SYNTAXES[told]))
    assert shows(film, PHANTOM, JPEG_NOISE if syntax == "jpeg" else EXACT)
    assert keys(film) == ([TOLD] if syntax != told else [])


def test_a_bare_jpeg_in_a_native_element_is_read_and_told() -> None:
    frame = encode(PHANTOM, "JPEG", quality=98)
    header = pydicom.dcmread(BytesIO(write_dicom(PHANTOM)))
    header.PixelData = frame + b"\0" * (len(frame) % 2)
    file = BytesIO()
    header.save_as(file)
    film = read_film(file.getvalue())
    assert shows(film, PHANTOM, JPEG_NOISE)
    assert keys(film) == [TOLD]


@pytest.mark.parametrize("syntax", ["jpeg", "jpeg 2000", "rle"])
def test_wrong_offset_tables_do_not_matter(syntax: str) -> None:
    data = write_dicom(PHANTOM, syntax=syntax)
    header = pydicom.dcmread(BytesIO(data))
    (frame,) = pydicom.encaps.generate_frames(header.PixelData, number_of_frames=1)
    half = len(frame) // 4 * 2
    items = b""
    for part in (struct.pack("<II", 0, 77), frame[:half], frame[half:]):
        items += b"\xfe\xff\x00\xe0" + struct.pack("<I", len(part)) + part
    for pixels in (items, items[16:]):  # a wrong table, and none at all
        header.PixelData = pixels
        file = BytesIO()
        header.save_as(file)
        assert shows(read_film(file.getvalue()), PHANTOM, JPEG_NOISE)
    header.PixelData, _, _ = encapsulate_extended([frame])
    header.ExtendedOffsetTable = struct.pack("<Q", 12345)
    header.ExtendedOffsetTableLengths = struct.pack("<Q", 6)
    file = BytesIO()
    header.save_as(file)
    assert shows(read_film(file.getvalue()), PHANTOM, JPEG_NOISE)


def test_jpeg_of_twelve_bits_keeps_its_depth() -> None:
    frame = jpeg8_encode(TWELVE, level=98, bitspersample=12)
    film = read_film(framed(frame, JPEGExtended12Bit, 12, TWELVE))
    assert shows(film, TWELVE, 0.01)
    assert len(np.unique(film.pixels)) > 1000
    assert film.facts.bits == 12


def test_jpeg_of_twelve_bits_in_colour_is_read() -> None:
    colour = np.dstack([TWELVE] * 3)
    frame = jpeg8_encode(colour, level=98, bitspersample=12)
    film = read_film(
        framed(frame, JPEGExtended12Bit, 12, colour, PhotometricInterpretation="YBR_FULL")
    )
    assert np.abs(film.pixels - TWELVE / 4095).max() < 0.02


def test_colour_of_sixteen_bits_keeps_its_depth() -> None:
    deep = PHANTOM.astype(np.uint16) * 257
    deep[100:140, 100:140] += np.arange(40, dtype=np.uint16)
    film = read_film(write_dicom(np.dstack([deep] * 3)))
    assert np.abs(film.pixels - deep / 65535).max() <= EXACT


@pytest.mark.parametrize(
    "missing",
    [
        ["BitsStored"],
        ["HighBit"],
        ["BitsAllocated"],
        ["PixelRepresentation"],
        ["SamplesPerPixel"],
        ["BitsStored", "HighBit", "PixelRepresentation", "SamplesPerPixel", "BitsAllocated"],
    ],
)
@pytest.mark.parametrize("syntax", ["explicit", "jpeg 2000", "rle", "jpeg"])
def test_what_the_bytes_tell_may_be_missing(missing: list[str], syntax: str) -> None:
    array = PHANTOM if syntax == "jpeg" else TWELVE
    data = write_dicom(array, bits=None if syntax == "jpeg" else 12, syntax=syntax)
    bare = changed(data, **dict.fromkeys(missing))
    assert shows(read_film(bare), array, JPEG_NOISE if syntax == "jpeg" else EXACT)


def test_values_whose_sign_is_not_told_are_read_as_makes_the_narrower_film() -> None:
    for array in (SIGNED, TWELVE):
        assert shows(read_film(changed(write_dicom(array), PixelRepresentation=None)), array)


def test_without_a_photometric_interpretation_black_and_white_are_not_guessed() -> None:
    bare = {"PhotometricInterpretation": None}
    with pytest.raises(UnsupportedDicom, match="PhotometricInterpretation"):
        read_film(changed(write_dicom(TWELVE, bits=12), **bare))
    shape = read_film(
        changed(write_dicom(TWELVE, bits=12, PresentationLUTShape="IDENTITY"), **bare)
    )
    assert shows(shape, TWELVE)
    colour = read_film(changed(write_dicom(np.dstack([PHANTOM] * 3)), **bare))
    assert shows(colour, PHANTOM)


@pytest.mark.parametrize("missing", ["Rows", "Columns"])
def test_without_a_size_the_missing_element_is_named(missing: str) -> None:
    with pytest.raises(UnsupportedDicom, match="Rows, Columns"):
        read_film(changed(write_dicom(TWELVE, bits=12), **{missing: None}))


def test_the_mark_without_the_128_bytes_before_it_is_dicom() -> None:
    assert shows(read_film(write_dicom(TWELVE, bits=12)[128:]), TWELVE)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_pixels_of_floating_point_numbers_are_read(kind: type) -> None:
    values = TWELVE.astype(kind) / 100 - 7
    keyword = "FloatPixelData" if kind is np.float32 else "DoubleFloatPixelData"
    width = 8 * values.itemsize
    data = changed(
        write_dicom(TWELVE, bits=12),
        **{"PixelData": None, "BitsStored": None, "HighBit": None, "PixelRepresentation": None},
        **{"BitsAllocated": width, keyword: values.tobytes()},
    )
    assert shows(read_film(data), values)
    windowed = read_film(
        changed(data, WindowCenter="13.5", WindowWidth="20", VOILUTFunction="LINEAR_EXACT")
    )
    assert np.abs(windowed.pixels - np.clip((values - 3.5) / 20, 0, 1)).max() < 1e-5
    with pytest.raises(TruncatedFile):
        read_film(changed(data, **{keyword: values.tobytes()[:-800]}))


@pytest.mark.parametrize("syntax", ["explicit", "rle", "jpeg lossless", "jpeg-ls", "jpeg 2000"])
def test_an_image_that_ends_early_is_damaged(syntax: str) -> None:
    data = write_dicom(TWELVE, bits=12, syntax=syntax)
    header = pydicom.dcmread(BytesIO(data))
    if syntax == "explicit":
        header.PixelData = header.PixelData[: len(header.PixelData) * 4 // 5]
    else:
        (frame,) = pydicom.encaps.generate_frames(header.PixelData, number_of_frames=1)
        header.PixelData = encapsulate([frame[: len(frame) * 4 // 5] + b"\xff\xd9"])
    file = BytesIO()
    header.save_as(file)
    with pytest.raises(TruncatedFile):
        read_film(file.getvalue())


def test_a_film_of_luminance_and_chroma_that_is_called_rgb_is_told() -> None:
    neutral = np.full(PHANTOM.shape, 128, np.uint8)
    for syntax in ("explicit", "rle", "jpeg 2000"):
        film = read_film(write_dicom(np.dstack([PHANTOM, neutral, neutral]), syntax=syntax))
        assert np.abs(film.pixels - PHANTOM / 255).max() <= EXACT
        assert keys(film) == [TOLD]
    jpeg = encode(np.dstack([PHANTOM] * 3), "JPEG", quality=98)
    rgb = np.dstack([PHANTOM] * 3)
    film = read_film(framed(jpeg, SYNTAXES["jpeg"], 8, rgb, PhotometricInterpretation="RGB"))
    assert np.abs(film.pixels - PHANTOM / 255).max() <= JPEG_NOISE


def test_jpeg_of_twelve_bits_that_ends_early_is_damaged() -> None:
    frame = jpeg8_encode(TWELVE, level=98, bitspersample=12)
    cut = frame[: len(frame) * 9 // 10] + b"\xff\xd9"
    with pytest.raises(TruncatedFile):
        read_film(framed(cut, JPEGExtended12Bit, 12, TWELVE))
