"""DICOM headers as people and machines write them: numbers, tables, windows, shutters, words."""

from io import BytesIO
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from core.imaging import Film, read_film
from core.imaging.header import age_years, as_number
from core.imaging.subject import may_show_chest
from tests.support.phantoms import chest_phantom, lut_item, write_dicom

PHANTOM = chest_phantom()
TWELVE = PHANTOM.astype(np.uint16) * 16 + np.arange(PHANTOM.shape[1], dtype=np.uint16) % 16
EXACT = 1e-6


def keys(film: Film) -> list[str]:
    return [notice.key for notice in film.notices]


def own_range(values: NDArray[Any]) -> NDArray[np.float64]:
    values = values.astype(np.float64)
    return (values - values.min()) / (values.max() - values.min())


def window(values: NDArray[Any], centre: float, width: float) -> NDArray[np.float64]:
    return np.clip((values - (centre - 0.5)) / (width - 1) + 0.5, 0, 1)


def distance(film: Film, expected: NDArray[Any]) -> float:
    return float(np.abs(film.pixels - expected).max())


def with_text(data: bytes, **texts: str) -> bytes:
    """A file whose elements hold text that pydicom itself would not write."""
    header = pydicom.dcmread(BytesIO(data))
    for keyword, text in texts.items():
        setattr(header, keyword, "1")
        header[keyword]._value = text  # past every check
        header[keyword].VR = "LO"
    file = BytesIO()
    header.save_as(file)
    written = file.getvalue()
    for keyword in texts:
        tag = pydicom.tag.Tag(keyword)
        mark = tag.group.to_bytes(2, "little") + tag.elem.to_bytes(2, "little")
        written = written.replace(mark + b"LO", mark + b"DS")
    return written


@pytest.mark.parametrize(
    ("centre", "width"),
    [
        ("1800,0", "2500,0"),
        (" 1800 ", "2500 "),
        ("1800\\600", "2500\\100"),
        ("1.8E3", "2.5E+03"),
        ("1800.", "'2500'"),
        ("+1800", "2500\0"),
    ],
)
def test_numbers_are_read_as_people_write_them(centre: str, width: str) -> None:
    data = with_text(write_dicom(TWELVE, bits=12), WindowCenter=centre, WindowWidth=width)
    assert distance(read_film(data), window(TWELVE, 1800, 2500)) < 1e-5


@pytest.mark.parametrize("text", ["AUTO", "", "1 8 0 0", "NaN", "--", "1800;2500", "\\"])
def test_what_is_no_number_is_left_out(text: str) -> None:
    plain = write_dicom(TWELVE, bits=12)
    for texts in (
        {"WindowCenter": text, "WindowWidth": text},
        {"WindowCenter": "1800", "WindowWidth": text},
        {"RescaleSlope": text, "RescaleIntercept": text},
        {"PixelSpacing": f"{text}\\{text}"},
    ):
        film = read_film(with_text(plain, **texts))
        assert distance(film, own_range(TWELVE)) <= EXACT
        assert film.notices == ()


def test_a_rescale_with_a_decimal_comma_counts() -> None:
    data = write_dicom(TWELVE, bits=12, WindowCenter="900", WindowWidth="2048")
    film = read_film(with_text(data, RescaleSlope="0,5", RescaleIntercept="-100,0"))
    assert distance(film, window(TWELVE * 0.5 - 100, 900, 2048)) < 1e-5


@pytest.mark.parametrize(
    ("text", "number"), [("1,5", 1.5), (".5", 0.5), ("1e400", None), ("1,2,3", None), ("x", None)]
)
def test_a_number(text: str, number: float | None) -> None:
    assert as_number(text) == number


@pytest.mark.parametrize(
    ("age", "years"),
    [
        *(("4Y", 4), ("04 y", 4), ("4,5Y", 4.5), ("18 months", 1.5), ("5 years old", 5)),
        *(("3세", 3), ("18개월", 1.5), ("999Y", None), ("Y", None), ("4-5Y", None)),
    ],
)
def test_ages_as_people_write_them(age: str, years: float | None) -> None:
    assert age_years(age) == years


@pytest.mark.parametrize("inverted", [False, True])
def test_a_window_beside_the_film_shows_its_own_range_in_spite_of_a_dead_pixel(
    inverted: bool,
) -> None:
    values = TWELVE.copy()
    values[7, 9] = 65535
    film = read_film(
        write_dicom(
            values,
            bits=16,
            WindowCenter=60000,
            WindowWidth=2000,
            photometric="MONOCHROME1" if inverted else None,
        )
    )
    expected = own_range(TWELVE)
    away = np.abs(film.pixels - (1 - expected if inverted else expected))
    away[7, 9] = 0
    assert away.max() < 0.01
    assert keys(film) == ["film.notice.window"]


def test_a_window_that_tells_a_black_border_from_the_rest_shows_nothing_of_the_film() -> None:
    values = TWELVE + np.uint16(20_000)
    values[:, :30] = 0
    film = read_film(write_dicom(values, bits=16, WindowCenter=2000, WindowWidth=1000))
    assert np.ptp(film.pixels[:, 40:]) > 0.15
    assert keys(film) == ["film.notice.window"]


def test_one_dead_pixel_does_not_dim_a_film_without_a_window() -> None:
    for dead, signed in ((65535, False), (-32768, True)):
        values = TWELVE.astype(np.int16) if signed else TWELVE.copy()
        values[100, 100] = dead
        away = np.abs(read_film(write_dicom(values, bits=16)).pixels - own_range(TWELVE))
        away[100, 100] = 0
        assert away.max() < 0.01


def test_a_table_beside_the_film_gives_way_to_its_own_range() -> None:
    late = lut_item(np.arange(1000, dtype=np.uint16), 30_000, 12)
    film = read_film(write_dicom(TWELVE, bits=16, VOILUTSequence=[late]))
    assert distance(film, own_range(TWELVE)) <= EXACT
    assert keys(film) == ["film.notice.window"]


CURVE = (np.arange(4096) ** 2 / 4095).astype(np.uint16)


def table(data: bytes, count: int, bits: int) -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [count, 0, bits])
    item.add_new("LUTData", "OW", data + b"\0" * (len(data) % 2))
    return item


@pytest.mark.parametrize(
    "item",
    [
        table(CURVE[:-1].tobytes(), 4096, 12),
        table(np.append(CURVE, CURVE[-1:]).tobytes(), 4096, 12),
        table((CURVE * np.uint16(8)).tobytes(), 4096, 16),
        table(CURVE.tobytes(), 4096, 16),
        table((CURVE // 16).astype(np.uint8).tobytes(), 4096, 8),
        table((CURVE // 16).astype(np.uint8).tobytes(), 4096, 16),
        table((CURVE // 16).astype(np.uint16).tobytes(), 4096, 8),
    ],
    ids=[
        "short",
        "long",
        "15 of 16 bits",
        "12 of 16",
        "bytes",
        "bytes told words",
        "words told bytes",
    ],
)
@pytest.mark.parametrize("kind", ["VOILUTSequence", "ModalityLUTSequence"])
def test_tables_that_do_not_fit_their_descriptor_are_read(item: Dataset, kind: str) -> None:
    if kind == "ModalityLUTSequence":
        item.ModalityLUTType = "US"
    film = read_film(write_dicom(TWELVE, bits=12, **{kind: [item]}))
    assert distance(film, CURVE[TWELVE] / 4095) < 0.006


def test_a_table_of_which_little_is_there_is_passed_over() -> None:
    item = table(CURVE[:900].tobytes(), 4096, 12)
    assert (
        distance(read_film(write_dicom(TWELVE, bits=12, VOILUTSequence=[item])), own_range(TWELVE))
        <= EXACT
    )


@pytest.mark.parametrize("syntax", ["explicit", "implicit", "big endian"])
@pytest.mark.parametrize("form", ["words", "bytes in words", "bytes", "twelve bits", "short"])
def test_palettes_in_every_form(form: str, syntax: str) -> None:
    bits, entries = {
        "words": (16, np.arange(256) * 257),
        "bytes in words": (8, np.arange(256)),
        "bytes": (8, np.arange(256, dtype=np.uint8)),
        "twelve bits": (16, np.arange(256) * 4095 // 255),
        "short": (16, np.arange(255) * 257),
    }[form]
    order = ">u2" if syntax == "big endian" else "<u2"
    raw = entries.tobytes() if form == "bytes" else entries.astype(order).tobytes()
    if form == "bytes" and syntax == "big endian":
        raw = entries.reshape(-1, 2)[:, ::-1].tobytes()
    palettes: dict[str, Any] = {}
    for colour in ("Red", "Green", "Blue"):
        palettes[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, bits]
        palettes[f"{colour}PaletteColorLookupTableData"] = raw
    film = read_film(write_dicom(PHANTOM, photometric="PALETTE COLOR", syntax=syntax, **palettes))
    assert distance(film, PHANTOM / 255) < 0.005


SHUTTERS: dict[str, tuple[dict[str, Any], NDArray[np.bool_]]] = {}
_Y, _X = np.ogrid[1:241, 1:257]
SHUTTERS["rectangular"] = (
    {"Shape": "RECTANGULAR", "LeftVerticalEdge": 20, "RightVerticalEdge": 230}
    | {"UpperHorizontalEdge": 10, "LowerHorizontalEdge": 220},
    (_X > 20) & (_X < 230) & (_Y > 10) & (_Y < 220),
)
SHUTTERS["circular"] = (
    {"Shape": "CIRCULAR", "Center": [120, 128], "Radius": 100},
    (_Y - 120) ** 2 + (_X - 128) ** 2 <= 100**2,
)


@pytest.mark.parametrize("shape", SHUTTERS)
def test_what_a_shutter_covers_is_black_and_takes_no_part(shape: str) -> None:
    given, inside = SHUTTERS[shape]
    header = {}
    for name, value in given.items():
        keyword = {"Center": "CenterOfCircularShutter", "Radius": "RadiusOfCircularShutter"}
        header[keyword.get(name, f"Shutter{name}")] = value
    values = np.where(inside, TWELVE, np.uint16(40_000))
    film = read_film(write_dicom(values, bits=16, **header))
    assert (film.pixels[~inside] == 0).all()
    seen = TWELVE[inside].astype(float)
    expected = (TWELVE - seen.min()) / np.ptp(seen)
    assert np.abs(film.pixels - expected)[inside].max() <= EXACT


def test_what_the_collimator_left_out_takes_no_part_and_is_still_there() -> None:
    header = {f"Collimator{name}": value for name, value in SHUTTERS["rectangular"][0].items()}
    inside = SHUTTERS["rectangular"][1]
    film = read_film(write_dicom(np.where(inside, TWELVE, np.uint16(40_000)), bits=16, **header))
    assert (film.pixels[~inside] == 1).all()
    assert film.pixels[inside].min() == 0
    assert film.pixels[inside].max() == 1


def test_a_shutter_that_would_hide_the_film_is_not_believed() -> None:
    header = {"ShutterShape": "RECTANGULAR", "ShutterLeftVerticalEdge": 0}
    header |= {"ShutterRightVerticalEdge": 0, "ShutterUpperHorizontalEdge": 0}
    film = read_film(write_dicom(TWELVE, bits=12, ShutterLowerHorizontalEdge=0, **header))
    assert distance(film, own_range(TWELVE)) <= EXACT


@pytest.mark.parametrize("kind", [np.uint16, np.float32])
def test_padding_that_is_declared_takes_no_part(kind: type) -> None:
    padded = TWELVE.astype(kind)
    padded[:, :40] = 60_000
    if kind is np.uint16:
        data = write_dicom(padded, bits=16, PixelPaddingValue=60_000)
    else:
        header = pydicom.dcmread(BytesIO(write_dicom(TWELVE, bits=12)))
        del header.PixelData
        header.FloatPixelData, header.FloatPixelPaddingValue = padded.tobytes(), 60_000.0
        header.BitsAllocated = 32
        file = BytesIO()
        header.save_as(file)
        data = file.getvalue()
    film = read_film(data)
    assert (film.pixels[:, :40] == 0).all()
    assert np.abs(film.pixels[:, 40:] - own_range(TWELVE[:, 40:])).max() <= EXACT


@pytest.mark.parametrize(
    "part",
    [
        *("CHEST", "CHEST PA", "CHEST_PA", "PORT CHEST", "THORAX AP", "LUNGS", "RIBS", "CXR"),
        *(
            "흉부",
            "Chest - PA/LAT",
            "CHEST 2 VIEWS",
            "TÓRAX",
            "CHESTABDOMEN",
            "흉부 PA",
            "PORTABLE",
        ),
        *("UNKNOWN", "AP", "", "BILATERAL RIBS"),
    ],
)
def test_words_for_the_chest_do_not_warn(part: str) -> None:
    data = write_dicom(PHANTOM, SpecificCharacterSet="ISO_IR 192", BodyPartExamined="X")
    header = pydicom.dcmread(BytesIO(data))
    header["BodyPartExamined"].VR = "LO"
    header.BodyPartExamined = part
    file = BytesIO()
    header.save_as(file)
    assert keys(read_film(file.getvalue())) == []


@pytest.mark.parametrize(
    "part", ["ABDOMEN", "HAND", "SKULL", "TSPINE", "THORACIC SPINE", "PELVIS AP", "복부", "KNEE RT"]
)
def test_words_for_something_else_warn(part: str) -> None:
    assert not may_show_chest(part)
    if part.isascii():
        film = read_film(write_dicom(PHANTOM, BodyPartExamined=part))
        assert keys(film) == ["film.notice.body_part"]


@pytest.mark.parametrize(
    ("view", "told"),
    [
        *(("PA", None), ("AP", None), ("AP SUPINE", None), ("PA UPRIGHT", None), ("PA/AP", None)),
        *(("POSTERO-ANTERIOR", None), ("FRONTAL", None), ("BILATERAL", None)),
        *(
            ("LAT", "lateral"),
            ("L LAT", "lateral"),
            ("LLAT", "lateral"),
            ("LEFT_LATERAL", "lateral"),
        ),
        *(("LATERAL", "lateral"), ("RPO", "view"), ("OBLIQUE", "view"), ("LT LAT DECUB", "view")),
    ],
)
def test_views_as_people_write_them(view: str, told: str | None) -> None:
    film = read_film(write_dicom(PHANTOM, ViewPosition=view))
    assert keys(film) == ([f"film.notice.{told}"] if told else [])


@pytest.mark.parametrize(
    ("orientation", "is_lateral"),
    [
        *((["L", "F"], False), (["R", "F"], False), (["A", "F"], True), (["P", "FL"], True)),
        *((["PA"], False), ("AP", False), ([""], False), (["X", "Y", "Z"], False)),
    ],
)
def test_rows_that_run_to_the_front_are_a_lateral_films(orientation: Any, is_lateral: bool) -> None:
    film = read_film(write_dicom(PHANTOM, PatientOrientation=orientation))
    assert keys(film) == (["film.notice.lateral"] if is_lateral else [])
    film = read_film(write_dicom(PHANTOM, PatientOrientation=orientation, ViewPosition="PA"))
    assert keys(film) == []


@pytest.mark.parametrize(
    "header",
    [
        {"PixelAspectRatio": ["2", "1"]},
        {"PixelSpacing": ["0.4", "0.2"]},
        {"ImagerPixelSpacing": ["0.4", "0.2"]},
        {"PixelSpacing": ["0.4", "0.2"], "PixelAspectRatio": ["1", "1"]},
    ],
)
def test_pixels_that_are_not_square_are_shown_in_proportion(header: dict[str, Any]) -> None:
    half = TWELVE[::2]
    film = read_film(write_dicom(half, bits=12, **header))
    assert (film.facts.height_px, film.facts.width_px) == film.pixels.shape == TWELVE.shape
    assert np.abs(film.pixels - own_range(TWELVE)).mean() < 0.03
    assert keys(film) == ["film.notice.aspect"]
    assert "2" in film.notices[0].message("ko")


@pytest.mark.parametrize(
    "spacing", [["0.2", "0.2"], ["0.2", "0.2001"], ["0", "0.2"], ["9", "0.1"], ["0.2"]]
)
def test_square_or_senseless_spacing_changes_nothing(spacing: list[str]) -> None:
    film = read_film(write_dicom(TWELVE, bits=12, PixelSpacing=spacing))
    assert film.pixels.shape == TWELVE.shape
    assert film.notices == ()
