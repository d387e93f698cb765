"""DICOM films of every encoding give the phantom's own pixels back."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.data import get_testdata_file

from core.imaging import Film, read_film
from core.imaging.dicom import age_years
from core.messages.errors import (
    AnimatedFile,
    ColourPhotograph,
    NoPixelData,
    UnsupportedDicom,
    WrongModality,
)
from tests.support.phantoms import SYNTAXES, chest_phantom, lut_item, write_dicom

PHANTOM = chest_phantom()
TWELVE = PHANTOM.astype(np.uint16) * 16 + np.arange(PHANTOM.shape[1], dtype=np.uint16) % 16
SIGNED = TWELVE.astype(np.int16) - 2000
EXACT, JPEG_NOISE = 1e-6, 0.04


def own_range(values: NDArray[Any]) -> NDArray[np.float64]:
    values = values.astype(np.float64)
    return (values - values.min()) / (values.max() - values.min())


def assert_shows(film: Film, expected: NDArray[Any], tolerance: float = EXACT) -> None:
    assert film.pixels.shape == expected.shape
    assert np.abs(film.pixels - expected).max() <= tolerance


LOSSY = {"jpeg", "jpeg extended"}


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_eight_bits(syntax: str) -> None:
    film = read_film(write_dicom(PHANTOM, syntax=syntax))
    assert_shows(film, own_range(PHANTOM), JPEG_NOISE if syntax in LOSSY else EXACT)
    assert (film.facts.format, film.facts.bits, film.facts.modality) == ("DICOM", 8, "DX")
    assert film.notices == ()


@pytest.mark.parametrize("syntax", [name for name in SYNTAXES if name not in LOSSY])
@pytest.mark.parametrize(("array", "bits"), [(TWELVE, 12), (SIGNED, 16)], ids=["12 bits", "signed"])
def test_deep_films(syntax: str, array: NDArray[Any], bits: int) -> None:
    film = read_film(write_dicom(array, bits=bits, syntax=syntax))
    assert_shows(film, own_range(array))
    assert film.facts.bits == bits


@pytest.mark.parametrize("syntax", ["explicit", "implicit", "big endian"])
def test_without_preamble(syntax: str) -> None:
    film = read_film(write_dicom(TWELVE, bits=12, syntax=syntax, meta=False))
    assert_shows(film, own_range(TWELVE))


def test_group_two_without_preamble() -> None:
    film = read_film(write_dicom(TWELVE, bits=12, preamble=False))
    assert_shows(film, own_range(TWELVE))


def test_32_bits() -> None:
    array = TWELVE.astype(np.uint32) * 70_000
    assert_shows(read_film(write_dicom(array)), own_range(TWELVE))


def test_monochrome1_is_inverted() -> None:
    film = read_film(write_dicom(4095 - TWELVE, bits=12, photometric="MONOCHROME1"))
    assert_shows(film, own_range(TWELVE))
    assert film.notices == ()


@pytest.mark.parametrize(
    ("photometric", "shape", "inverted"),
    [
        ("MONOCHROME2", "IDENTITY", False),
        ("MONOCHROME2", "INVERSE", True),
        ("MONOCHROME1", "INVERSE", True),
        ("MONOCHROME1", "IDENTITY", True),
    ],
)
def test_presentation_shape_inverts_once(photometric: str, shape: str, inverted: bool) -> None:
    data = write_dicom(TWELVE, bits=12, photometric=photometric, PresentationLUTShape=shape)
    film = read_film(data)
    assert_shows(film, 1 - own_range(TWELVE) if inverted else own_range(TWELVE))


def linear(values: NDArray[Any], centre: float, width: float) -> NDArray[np.float64]:
    """PS3.3 C.11.2.1.2.1, for an output of 0 to 1."""
    return np.clip((values - (centre - 0.5)) / (width - 1) + 0.5, 0, 1)


@pytest.mark.parametrize("array", [TWELVE, SIGNED], ids=["unsigned", "signed"])
def test_window(array: NDArray[Any]) -> None:
    centre = float(array.mean())
    film = read_film(write_dicom(array, bits=16, WindowCenter=centre, WindowWidth=1500))
    assert_shows(film, linear(array, round(centre, 10), 1500), 1e-4)


def test_the_first_of_several_windows() -> None:
    data = write_dicom(TWELVE, bits=12, WindowCenter=[1800, 600], WindowWidth=[2000, 100])
    assert_shows(read_film(data), linear(TWELVE, 1800, 2000))


def test_window_with_rescale() -> None:
    data = write_dicom(
        TWELVE, bits=12, RescaleSlope=2, RescaleIntercept=-1000, WindowCenter=3000, WindowWidth=4000
    )
    assert_shows(read_film(data), linear(TWELVE * 2.0 - 1000, 3000, 4000))


def test_window_and_negative_slope() -> None:
    data = write_dicom(
        4095 - TWELVE,
        bits=12,
        RescaleSlope=-1,
        RescaleIntercept=4095,
        WindowCenter=1800,
        WindowWidth=2500,
    )
    assert_shows(read_film(data), linear(TWELVE, 1800, 2500))


def test_negative_slope_alone() -> None:
    data = write_dicom(4095 - TWELVE, bits=12, RescaleSlope=-1, RescaleIntercept=4095)
    assert_shows(read_film(data), own_range(TWELVE))


def test_window_then_monochrome1() -> None:
    data = write_dicom(
        TWELVE, bits=12, photometric="MONOCHROME1", WindowCenter=1800, WindowWidth=2500
    )
    assert_shows(read_film(data), 1 - linear(TWELVE, 1800, 2500))


def test_linear_exact_and_sigmoid() -> None:
    window = {"WindowCenter": 1800, "WindowWidth": 2500}
    exact = read_film(write_dicom(TWELVE, bits=12, VOILUTFunction="LINEAR_EXACT", **window))
    assert_shows(exact, np.clip((TWELVE - 1800.0) / 2500 + 0.5, 0, 1))
    sigmoid = read_film(write_dicom(TWELVE, bits=12, VOILUTFunction="SIGMOID", **window))
    assert_shows(sigmoid, 1 / (1 + np.exp(-4 * (TWELVE - 1800.0) / 2500)))


@pytest.mark.parametrize(
    "window",
    [
        {"WindowCenter": 60000, "WindowWidth": 10},
        {"WindowCenter": 1800, "WindowWidth": 0},
        {"WindowCenter": 1800, "WindowWidth": -5},
        {"WindowCenter": "", "WindowWidth": ""},
    ],
)
def test_a_void_window_is_passed_over(window: dict[str, Any]) -> None:
    assert_shows(read_film(write_dicom(TWELVE, bits=12, **window)), own_range(TWELVE))


def test_voi_lut_goes_before_the_window() -> None:
    curve = (65535 * (np.arange(4096) / 4095) ** 2).astype(np.uint16)
    data = write_dicom(
        TWELVE,
        bits=12,
        VOILUTSequence=[lut_item(curve, 0, 16)],
        WindowCenter=100,
        WindowWidth=50,
    )
    assert_shows(read_film(data), curve[TWELVE] / 65535)


def test_voi_lut_that_starts_late_with_eight_bit_entries() -> None:
    curve = (255 * np.sqrt(np.arange(2000) / 1999)).astype(np.uint16)
    data = write_dicom(TWELVE, bits=12, VOILUTSequence=[lut_item(curve, 1000, 8)])
    assert_shows(read_film(data), curve[np.clip(TWELVE.astype(int) - 1000, 0, 1999)] / 255)


def test_voi_lut_of_signed_values() -> None:
    curve = np.arange(4096, dtype=np.uint16)
    data = write_dicom(SIGNED, bits=16, VOILUTSequence=[lut_item(curve, -2000, 12)])
    assert_shows(read_film(data), TWELVE / 4095)


def test_modality_lut() -> None:
    curve = np.arange(4095, -1, -1, dtype=np.uint16)
    item = lut_item(curve, 0, 12)
    item.ModalityLUTType = "US"
    data = write_dicom(4095 - TWELVE, bits=12, ModalityLUTSequence=[item])
    assert_shows(read_film(data), own_range(TWELVE))


def test_padding_is_black_and_takes_no_part() -> None:
    padded = TWELVE + np.uint16(100)
    padded[:, :30] = 0
    padded[:, -10:] = 60000
    film = read_film(write_dicom(padded, PixelPaddingValue=60000, bits=16))
    assert (film.pixels[:, -10:] == 0).all()
    film = read_film(write_dicom(padded[:, :-10], PixelPaddingValue=0, bits=16))
    expected = own_range(TWELVE[:, 30:-10])
    assert np.abs(film.pixels[:, 30:] - expected).max() < 0.01
    assert (film.pixels[:, :30] == 0).all()


def test_padding_range_and_monochrome1() -> None:
    inverted = 4095 - TWELVE
    inverted[:, :30] = 5000 + np.arange(30, dtype=np.uint16)
    data = write_dicom(
        inverted,
        bits=16,
        photometric="MONOCHROME1",
        PixelPaddingValue=5000,
        PixelPaddingRangeLimit=5029,
    )
    film = read_film(data)
    assert (film.pixels[:, :30] == 0).all()
    assert np.abs(film.pixels[:, 30:] - own_range(TWELVE[:, 30:])).max() <= EXACT


def test_signed_padding() -> None:
    padded = SIGNED.copy()
    padded[:, :30] = -32768
    film = read_film(write_dicom(padded, PixelPaddingValue=-32768))
    assert (film.pixels[:, :30] == 0).all()
    assert np.abs(film.pixels[:, 30:] - own_range(SIGNED[:, 30:])).max() <= EXACT


@pytest.mark.parametrize("syntax", ["explicit", "big endian", "rle", "jpeg", "jpeg 2000"])
def test_grey_secondary_capture_in_colour(syntax: str) -> None:
    kind = "YBR_FULL" if syntax == "jpeg" else "RGB"
    rgb = np.dstack([PHANTOM] * 3)
    data = write_dicom(rgb, syntax=syntax, photometric=kind, Modality="OT")
    assert_shows(read_film(data), PHANTOM / 255, JPEG_NOISE if syntax == "jpeg" else EXACT)


def test_tinted_and_coloured_captures() -> None:
    sepia = np.dstack([PHANTOM, PHANTOM * 0.8, PHANTOM * 0.6]).astype(np.uint8)
    assert [notice.key for notice in read_film(write_dicom(sepia)).notices] == ["film.notice.tint"]
    with pytest.raises(ColourPhotograph):
        read_film(
            write_dicom(
                np.dstack([PHANTOM, PHANTOM.T[:240, :].repeat(2, 1)[:, :256], 255 - PHANTOM])
            )
        )


def test_facts_and_notices() -> None:
    film = read_film(write_dicom(PHANTOM, ViewPosition="LL", PatientAge="045Y", Modality="CR"))
    assert (film.facts.view, film.facts.age_years, film.facts.modality) == ("LL", 45.0, "CR")
    assert [notice.key for notice in film.notices] == ["film.notice.lateral", "film.notice.age"]
    assert "45 years" in film.notices[1].message("en")
    assert "45세" in film.notices[1].message("ko")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ({"ViewPosition": "AP", "BodyPartExamined": "CHEST"}, []),
        ({"ViewPosition": "LLD"}, ["film.notice.view"]),
        ({"ViewPosition": "RLO"}, ["film.notice.view"]),
        ({"BodyPartExamined": "ABDOMEN"}, ["film.notice.body_part"]),
    ],
)
def test_a_header_that_tells_of_no_frontal_chest_film_warns(
    header: dict[str, str], told: list[str]
) -> None:
    film = read_film(write_dicom(PHANTOM, PatientAge="004Y", **header))
    assert [notice.key for notice in film.notices] == told
    for notice in film.notices:
        assert all(value in notice.message("ko") for value in map(str, notice.details.values()))


@pytest.mark.parametrize(
    ("meaning", "told"),
    [
        ("postero-anterior", []),
        ("left lateral", ["film.notice.lateral"]),
        ("right posterior oblique", ["film.notice.view"]),
    ],
)
def test_the_view_code_of_a_digital_film_stands_in_for_its_position(
    meaning: str, told: list[str]
) -> None:
    code = Dataset()
    code.CodeMeaning = meaning
    film = read_film(write_dicom(PHANTOM, ViewCodeSequence=[code]))
    assert film.facts.view == meaning.upper()
    assert [notice.key for notice in film.notices] == told


@pytest.mark.parametrize(
    ("age", "years"),
    [
        ("004Y", 4),
        ("018M", 1.5),
        ("006W", 42 / 365.25),
        ("090D", 90 / 365.25),
        ("4", None),
        ("", None),
    ],
)
def test_age(age: str, years: float | None) -> None:
    assert age_years(age) == (None if years is None else pytest.approx(years))


@pytest.mark.parametrize(
    ("age", "told"),
    [("001Y", False), ("005Y", False), ("011M", True), ("006Y", True), (None, False)],
)
def test_age_notice(age: str | None, told: bool) -> None:
    film = read_film(write_dicom(PHANTOM, **({"PatientAge": age} if age else {})))
    assert bool(film.notices) is told


def test_nothing_personal_is_kept() -> None:
    film = read_film(write_dicom(PHANTOM, PatientAge="004Y"))
    shown = repr(film) + repr(film.facts) + repr(film.notices)
    for secret in ("Phantom", "secret-42", "20210131", "20250102"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("name", "modality"),
    [
        ("CT_small.dcm", "CT"),
        ("MR_small.dcm", "MR"),
        ("MR_small_bigendian.dcm", "MR"),
        ("MR_small_implicit.dcm", "MR"),
        ("MR_small_jpeg_ls_lossless.dcm", "MR"),
        ("examples_palette.dcm", "US"),
        ("examples_rgb_color.dcm", "US"),
        ("JPEG2000.dcm", "NM"),
        ("rtdose.dcm", "RTDOSE"),
    ],
)
def test_other_modalities(name: str, modality: str) -> None:
    with pytest.raises(WrongModality) as caught:
        read_film(packaged(name))
    assert caught.value.details == {"modality": modality}


@pytest.mark.parametrize("name", ["test-SR.dcm", "rtplan.dcm", "waveform_ecg.dcm"])
def test_objects_without_an_image(name: str) -> None:
    with pytest.raises(NoPixelData):
        read_film(packaged(name))


@pytest.mark.parametrize("sop", ["2", "4", "6.1", "128", "1.2.1", "2.1"])
@pytest.mark.parametrize("modality", [None, "OT", ""])
def test_the_sop_class_speaks_where_the_modality_is_silent(sop: str, modality: str | None) -> None:
    uid = f"1.2.840.10008.5.1.4.1.1.{sop}"
    with pytest.raises(WrongModality):
        read_film(write_dicom(PHANTOM, SOPClassUID=uid, Modality=modality))


def test_a_missing_modality_is_let_through() -> None:
    assert read_film(write_dicom(PHANTOM, Modality=None)).facts.modality is None


def test_several_frames() -> None:
    with pytest.raises(AnimatedFile) as caught:
        read_film(write_dicom(PHANTOM, NumberOfFrames=3))
    assert caught.value.details == {"format": "DICOM", "frames": 3}


def test_twelve_bit_jpeg_is_told_apart() -> None:
    with pytest.raises(UnsupportedDicom, match="JPEG Extended"):
        read_film(write_dicom(TWELVE, bits=12, syntax="jpeg extended"))


def test_an_unknown_transfer_syntax() -> None:
    data = write_dicom(PHANTOM).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.9\0")
    with pytest.raises(UnsupportedDicom):
        read_film(data)


@pytest.mark.parametrize(
    "words", ["![x](//host/a)", "www.host.org <b>", "[x](http://host)", "`abc`"]
)
def test_no_words_of_a_header_are_markup_in_a_message(words: str) -> None:
    """The page shows messages as Markdown: a picture in one would be fetched from its host."""
    told = []
    syntax = words.encode().ljust(20, b"\0")
    with pytest.raises(UnsupportedDicom) as unknown:
        read_film(write_dicom(PHANTOM).replace(b"1.2.840.10008.1.2.1\0", syntax))
    with pytest.raises(WrongModality) as wrong:
        read_film(write_dicom(PHANTOM, Modality=words))
    told += [str(unknown.value), str(wrong.value)]
    film = read_film(write_dicom(PHANTOM, BodyPartExamined=words, ViewPosition=words))
    told += [notice.message("en") for notice in film.notices]
    assert len(told) > 2
    for message in told:
        assert not re.search(r"[\[\]<>`!*]|www\.|://", message, re.IGNORECASE), message


def packaged(name: str) -> bytes:
    """One of pydicom's own packaged files; nothing is downloaded."""
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    return Path(path).read_bytes()
