"""One film in every form that DICOM has for it gets one probability from the shipped model."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.data.folder import data_folder
from core.imaging import read_film, read_film_file
from core.inference.model import Diagnostician
from tests.imaging.test_film_decoding import changed, renamed
from tests.support.phantoms import SYNTAXES, chest_phantom, encode, lut_item, write_dicom

NEAR = 0.02
"""Largest difference of two forms' probabilities."""

LOSSY = ("jpeg", "jpeg extended")
Stored = NDArray[Any]


def deep(film: Stored) -> Stored:
    """The film in 12 bits: 0 to 4095."""
    return (film.astype(np.float64) * 4095 / 255).round().astype(np.uint16)


def signed(film: Stored) -> Stored:
    """The film in 16 bits with a sign: -2048 to 2047."""
    return deep(film).astype(np.int16) - 2048


def forms(film: Stored) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Every form of a film of 8 bits from 0 to 255, by name; each shows the same on a screen."""
    kinds = {"8 bits": (film, 8), "12 bits": (deep(film), 12), "signed": (signed(film), 16)}
    for kind, (array, bits) in kinds.items():
        for syntax in SYNTAXES:
            if kind == "8 bits" or syntax not in LOSSY:
                yield f"{kind}, {syntax}", partial(write_dicom, array, bits=bits, syntax=syntax)
    for syntax in ("explicit", "implicit", "big endian"):
        yield (
            f"12 bits, {syntax}, without meta",
            partial(write_dicom, deep(film), bits=12, syntax=syntax, meta=False),
        )
    for syntax in ("explicit", "big endian", "rle", "jpeg lossless", "jpeg-ls", "jpeg 2000"):
        for kind, (array, bits) in kinds.items():
            turned = array.max() + array.min() - array
            yield (
                f"{kind}, MONOCHROME1, {syntax}",
                partial(write_dicom, turned, bits=bits, syntax=syntax, photometric="MONOCHROME1"),
            )
            if syntax != "explicit":  # the depths are told apart above
                break
    yield (
        "8 bits, MONOCHROME1, jpeg",
        partial(write_dicom, 255 - film, syntax="jpeg", photometric="MONOCHROME1"),
    )
    yield "without preamble", partial(write_dicom, deep(film), bits=12, preamble=False)
    yield "16 bits", partial(write_dicom, film.astype(np.uint16) * 257)
    yield from _shown_by_the_header(film)


def _shown_by_the_header(film: Stored) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Forms whose stored values are others than what a screen shows: 12 bits each."""
    twelve = deep(film)
    written = partial(write_dicom, twelve, bits=12)
    turned = partial(write_dicom, 4095 - twelve, bits=12, RescaleSlope=-1, RescaleIntercept=4095)
    whole = {"WindowCenter": 2048, "WindowWidth": 4096}
    yield "window", partial(written, **whole)
    yield (
        "window, MONOCHROME1",
        partial(write_dicom, 4095 - twelve, bits=12, photometric="MONOCHROME1", **whole),
    )
    yield (
        "window of signed values",
        partial(write_dicom, signed(film), bits=16, WindowCenter=0, WindowWidth=4096),
    )
    yield (
        "rescaled",
        partial(
            written, RescaleSlope=0.5, RescaleIntercept=-100, WindowCenter=924, WindowWidth=2048
        ),
    )
    yield "slope under zero", turned
    yield "slope under zero, window", partial(turned, **whole)
    yield (
        "inverse presentation",
        partial(write_dicom, 4095 - twelve, bits=12, PresentationLUTShape="INVERSE"),
    )
    straight = lut_item(np.arange(4096, dtype=np.uint16), 0, 12)
    yield "VOI LUT", partial(written, VOILUTSequence=[straight])
    shifted = lut_item(np.arange(4096, dtype=np.uint16), -2048, 12)
    yield (
        "VOI LUT of signed values",
        partial(write_dicom, signed(film), bits=16, VOILUTSequence=[shifted]),
    )
    # A table that undoes a curve in the stored values.
    bent = np.round(4095 * np.sqrt(twelve / 4095)).astype(np.uint16)
    undone = lut_item((4095 * (np.arange(4096) / 4095) ** 2).astype(np.uint16), 0, 12)
    yield "VOI LUT of bent values", partial(write_dicom, bent, bits=12, VOILUTSequence=[undone])
    back = lut_item(np.arange(4095, -1, -1, dtype=np.uint16), 0, 12)
    back.ModalityLUTType = "US"
    yield "modality LUT", partial(write_dicom, 4095 - twelve, bits=12, ModalityLUTSequence=[back])
    # What a collimator hid is a value that no film has, and black.
    hidden = twelve == 0
    for value in (5_000, 60_000):
        padded = np.where(hidden, np.uint16(value), twelve)
        yield (
            f"padding of {value}",
            partial(write_dicom, padded, bits=16, PixelPaddingValue=value, **whole),
        )
    low = np.where(hidden, np.int16(-32768), signed(film))
    centred = {"WindowCenter": 0, "WindowWidth": 4096}
    yield "signed padding", partial(write_dicom, low, PixelPaddingValue=-32768, **centred)
    rgb = np.dstack([film] * 3)
    yield "colour", partial(write_dicom, rgb, Modality="OT")
    yield from _odd(film)


def _odd(film: Stored) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Forms that break a rule and have one reading all the same."""
    twelve = deep(film)
    rubbish = np.random.default_rng(2).integers(0, 16, film.shape, dtype=np.uint16) << 12
    for syntax in ("explicit", "rle", "jpeg lossless", "jpeg-ls", "jpeg 2000"):
        dirty = partial(write_dicom, twelve | rubbish, syntax=syntax, BitsStored=12, HighBit=11)
        yield f"rubbish above the highest bit, {syntax}", dirty
    for syntax in ("rle", "jpeg 2000"):
        wide = {"BitsAllocated": 16, "BitsStored": 8, "HighBit": 7}
        yield (
            f"8 bits told 16, {syntax}",
            partial(changed, write_dicom(film, syntax=syntax), **wide),
        )
        native = renamed(write_dicom(twelve, bits=12), SYNTAXES[syntax])
        yield f"native told {syntax}", partial(bytes, native)
    yield "mark without preamble", partial(bytes, write_dicom(twelve, bits=12)[128:])
    dark = lut_item((np.arange(4096) * 32767 // 4095).astype(np.uint16), 0, 16)
    yield "VOI LUT of 15 bits told 16", partial(write_dicom, twelve, bits=12, VOILUTSequence=[dark])
    dead = np.where(np.arange(film.size).reshape(film.shape) == 5, np.uint16(65535), twelve)
    void = {"WindowCenter": 60000, "WindowWidth": 900}
    yield "a window beside the film, a dead pixel", partial(write_dicom, dead, bits=16, **void)
    neutral = np.full_like(film, 128)
    yield "luminance told RGB", partial(write_dicom, np.dstack([film, neutral, neutral]))
    half = np.asarray(Image.fromarray(film).resize((film.shape[1], film.shape[0] * 2)))
    flat = {"PixelSpacing": ["0.1", "0.2"]}
    yield "pixels half as high as wide", partial(write_dicom, half, **flat)


DOUBTFUL = "PNEUMONIA/person1454_bacteria_3782.jpeg"
"""A training film of which the model is unsure: any change of its greys would show."""

NAMES = [name for name, _ in forms(chest_phantom())]


@pytest.fixture(scope="module")
def film() -> Stored:
    """A real film that the model is unsure of, or a phantom where there are no films: 0 to 255."""
    folder = data_folder()
    file = None if folder is None else folder / "train" / DOUBTFUL
    if file is None or not file.is_file():
        return chest_phantom(480, 512)
    return np.asarray(Image.open(file).convert("L"))


@pytest.fixture(scope="module")
def model() -> Diagnostician:
    return Diagnostician.load()


@pytest.fixture(scope="module")
def expected(film: Stored, model: Diagnostician) -> float:
    """The probability of the film as a PNG file."""
    assert (film.min(), film.max()) == (0, 255)
    return model.diagnose(read_film(encode(film, "PNG"))).probability


@pytest.mark.parametrize("name", NAMES)
def test_every_form_gets_the_same_probability(
    film: Stored, model: Diagnostician, expected: float, name: str
) -> None:
    read = read_film(dict(forms(film))[name]())
    assert read.facts.format == "DICOM"
    assert model.diagnose(read).probability == pytest.approx(expected, abs=NEAR)


def test_the_files_name_says_nothing(
    film: Stored, model: Diagnostician, expected: float, tmp_path: Path
) -> None:
    for name in ("IM0001", "film.jpg", "film.txt"):
        file = tmp_path / name
        file.write_bytes(write_dicom(deep(film), bits=12))
        found = model.diagnose(read_film_file(file)).probability
        assert found == pytest.approx(expected, abs=NEAR)


def test_a_form_that_is_read_wrongly_would_show(
    film: Stored, model: Diagnostician, expected: float
) -> None:
    """The greys turned round, as a reader that overlooks MONOCHROME1 would see them."""
    wrong = model.diagnose(read_film(encode(255 - film, "PNG"))).probability
    assert abs(wrong - expected) > NEAR
