"""Presentation state and Encapsulated PDF, and what dciodvfy says of all four objects."""

import shutil
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import EncapsulatedPDFStorage, GrayscaleSoftcopyPresentationStateStorage
from pypdf import PdfReader

from core.imaging.placing import WHOLE
from core.inference.gate import FilmKind, GateReport, set_right
from core.inference.heatmap import Heatmap
from core.inference.lungs import LungsMap
from core.inference.reading import Opinion
from core.messages.catalogue import LANGUAGES
from core.reporting.exports import More, Report, identify
from core.reporting.exports.encapsulated import encapsulated_pdf
from core.reporting.exports.objects import dicom_objects
from core.reporting.exports.presentation import presentation_state
from tests.reporting.exports.conftest import FILE_NAME, STUDY_UID, MakeReport, dicom_film
from tests.support.phantoms import chest_phantom, encode, lut_item, write_dicom

HEAT_BOX, LUNGS_BOX = (0.5, 0.125, 0.75, 0.375), (0.25, 0.25, 0.75, 0.875)
"""Left, top, right and bottom, in shares of the stored image."""


def block(box: tuple[float, ...], side: int) -> NDArray[np.float32]:
    """A map (side, side) that is 1 in a box."""
    grid = np.zeros((side, side), np.float32)
    left, top, right, bottom = (round(edge * side) for edge in box)
    grid[top:bottom, left:right] = 1
    return grid


def drawn(make_report: MakeReport, data: bytes, quarter_turns: int = 0) -> Report:
    """A report of a film with heat and lungs where they are known, turned as the gate does."""
    report = make_report(data, identity=identify(FILE_NAME, data))
    film = set_right(report.reading.film, GateReport(FilmKind.FILM, quarter_turns, False))
    heat, lungs = (np.rot90(block(box, 224), -quarter_turns) for box in (HEAT_BOX, LUNGS_BOX))
    diagnosis = replace(
        report.reading.diagnosis,
        heatmap=Heatmap(np.ascontiguousarray(heat), full_heat=1.0),
        lungs_map=LungsMap((lungs * 255).astype(np.uint8), WHOLE, True),
    )
    return replace(report, reading=replace(report.reading, film=film, diagnosis=diagnosis))


def read_back(instance: Dataset | None) -> Dataset:
    """An object as pydicom reads it from a file."""
    assert instance is not None
    file = BytesIO()
    instance.save_as(file, enforce_file_format=True)
    return pydicom.dcmread(BytesIO(file.getvalue()))


def state_of(report: Report, data: bytes) -> Dataset:
    assert report.identity
    assert report.identity.study
    return read_back(presentation_state(report, report.identity.study, data, 9003))


def boxes(state: Dataset) -> dict[str, NDArray[Any]]:
    """Left, top, right and bottom of all lines of a layer, in pixels."""
    found = {}
    for annotation in state.GraphicAnnotationSequence:
        lines = annotation.get("GraphicObjectSequence", [])
        assert {line.GraphicAnnotationUnits for line in lines} <= {"PIXEL"}
        if lines:
            points = np.concatenate([np.reshape(line.GraphicData, (-1, 2)) for line in lines])
            found[annotation.GraphicLayer] = np.hstack([points.min(0), points.max(0)])
    return found


@pytest.mark.parametrize("quarter_turns", range(4))
@pytest.mark.parametrize("elements", [{}, {"PixelSpacing": [0.4, 0.2]}], ids=["square", "odd"])
def test_lines_lie_at_the_stored_pixels_however_the_film_was_turned(
    make_report: MakeReport, quarter_turns: int, elements: dict[str, Any]
) -> None:
    data = dicom_film(**elements)
    film = pydicom.dcmread(BytesIO(data))
    state = state_of(drawn(make_report, data, quarter_turns), data)
    size = np.array([film.Columns, film.Rows] * 2)
    lines = boxes(state)
    np.testing.assert_allclose(lines["HEAT"], HEAT_BOX * size, atol=0.01 * size.max())
    np.testing.assert_allclose(lines["LUNGS"], LUNGS_BOX * size, atol=0.01 * size.max())
    (area,) = state.DisplayedAreaSelectionSequence
    assert area.DisplayedAreaBottomRightHandCorner == [film.Columns, film.Rows]
    assert area.PresentationPixelAspectRatio == [2000 if elements else 1000, 1000]


def test_the_state_refers_to_the_film_in_its_study(make_report: MakeReport) -> None:
    data = dicom_film(PatientName="Hong^Gildong=洪^吉洞", SpecificCharacterSet="ISO_IR 192")
    film = pydicom.dcmread(BytesIO(data))
    state = state_of(drawn(make_report, data), data)
    assert state.SOPClassUID == GrayscaleSoftcopyPresentationStateStorage
    assert (state.StudyInstanceUID, state.PatientName) == (STUDY_UID, film.PatientName)
    (series,) = state.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == film.SeriesInstanceUID
    references = [series, *state.GraphicAnnotationSequence]
    for (image,) in (each.ReferencedImageSequence for each in references):
        assert image.ReferencedSOPInstanceUID == film.SOPInstanceUID
    (words,) = state.GraphicAnnotationSequence[-1].TextObjectSequence
    assert "not for diagnosis" in words.UnformattedTextValue


def test_where_nothing_is_hot_and_no_lungs_are_found_words_remain(make_report: MakeReport) -> None:
    data = dicom_film()
    report = drawn(make_report, data)
    nothing = replace(
        report.reading.diagnosis,
        heatmap=Heatmap(np.zeros((7, 7), np.float32), full_heat=1.0),
        lungs_map=replace(report.reading.diagnosis.lungs_map, found=False),
    )
    report = replace(report, reading=replace(report.reading, diagnosis=nothing))
    (annotation,) = state_of(report, data).GraphicAnnotationSequence
    assert annotation.GraphicLayer == "WORDS"


@pytest.mark.parametrize(
    ("elements", "shape", "said"),
    [
        ({"photometric": "MONOCHROME1"}, "INVERSE", {"RescaleSlope": 1}),
        ({"RescaleSlope": 2, "RescaleIntercept": -5}, "IDENTITY", {"RescaleIntercept": -5}),
        (
            {"ModalityLUTSequence": [lut_item(np.arange(0, 2**16, 16, dtype=np.uint16), 0, 16)]},
            "IDENTITY",
            {"RescaleSlope": None},
        ),
        (
            {"VOILUTSequence": [lut_item(np.arange(4096, dtype=np.uint16), 0, 12)]},
            "IDENTITY",
            {"RescaleSlope": 1},
        ),
    ],
    ids=["inverted", "rescale", "modality LUT", "VOI LUT"],
)
def test_the_state_shows_the_film_as_its_file_says(
    make_report: MakeReport,
    elements: dict[str, Any],
    shape: str,
    said: dict[str, Any],
    tmp_path: Path,
) -> None:
    data = dicom_film(**elements)
    state = state_of(drawn(make_report, data), data)
    assert shape == state.PresentationLUTShape
    assert {keyword: state.get(keyword) for keyword in said} == said
    assert len(state.SoftcopyVOILUTSequence) == 1
    state.save_as(tmp_path / "state.dcm")
    assert complaints(tmp_path / "state.dcm") == []


@pytest.mark.parametrize(
    "elements",
    [
        {"SOPInstanceUID": "1.2.3.04.5"},
        {"PatientBirthDate": "20210231", "StudyTime": "noon", "PatientSex": "unknown"},
        {"PatientID": "i" * 90, "StudyDescription": "d" * 90, "AccessionNumber": "a" * 40},
        {"WindowCenter": "1e30", "WindowWidth": "1e30"},
        {"RescaleSlope": "-1", "RescaleIntercept": "1234567.123456789"},
        {"VOILUTSequence": [lut_item(np.arange(4096, dtype=np.uint16), -100, 12)]},
        {"VOILUTSequence": [lut_item(np.zeros(4, np.uint16), 0, 12)]},
    ],
    ids=lambda elements: " ".join(elements),
)
def test_a_header_that_breaks_the_rules_still_has_all_objects(
    make_report: MakeReport, elements: dict[str, Any]
) -> None:
    with pydicom.config.disable_value_validation():
        data = dicom_film(**elements)
    report = make_report(data, identity=identify(FILE_NAME, data))
    assert "WORDS" in str(state_of(report, data))
    assert report.identity
    assert report.identity.study
    read_back(encapsulated_pdf(report, report.identity.study, 9004))


@pytest.mark.parametrize("kind", ["colour", "no UIDs of its own", "private", "no study", "picture"])
def test_what_a_state_cannot_refer_to_has_none(make_report: MakeReport, kind: str) -> None:
    data = {
        "colour": write_dicom(np.dstack([chest_phantom(120, 100)] * 3), StudyInstanceUID="1.2.3"),
        "no UIDs of its own": dicom_film(SeriesInstanceUID=""),
        "private": dicom_film(SOPClassUID="1.3.46.670589.2.3.1.1"),
        "no study": dicom_film(StudyInstanceUID=""),
        "picture": encode(chest_phantom(120, 100), "PNG"),
    }[kind]
    report = make_report(data, identity=identify(FILE_NAME, data))
    found = dicom_objects(report, data, More(state=True))
    assert [instance.Modality for instance in found] == ["OT", "SR"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_is_a_pdf_in_the_study(make_report: MakeReport, language: str) -> None:
    data = dicom_film()
    report = make_report(data, language, identity=identify(FILE_NAME, data))
    assert report.identity
    assert report.identity.study
    document = read_back(encapsulated_pdf(report, report.identity.study, 9004))
    assert document.SOPClassUID == EncapsulatedPDFStorage
    assert (document.StudyInstanceUID, document.PatientID) == (STUDY_UID, "secret-42")
    assert document.DocumentTitle == report.t("report.title")
    (source,) = document.SourceInstanceSequence
    assert source.ReferencedSOPInstanceUID == pydicom.dcmread(BytesIO(data)).SOPInstanceUID
    file = document.EncapsulatedDocument[: document.EncapsulatedDocumentLength]
    assert file.startswith(b"%PDF")
    assert file.rstrip().endswith(b"%%EOF")
    text = PdfReader(BytesIO(file)).pages[0].extract_text()
    assert "secret-42" in text


def complaints(file: Path) -> list[str]:
    """The errors that dciodvfy finds; none known where it is not installed."""
    validator = shutil.which("dciodvfy")
    if validator is None:
        return []
    checked = subprocess.run([validator, str(file)], capture_output=True, text=True, check=False)
    said = (checked.stdout + checked.stderr).splitlines()
    assert any(
        line in ("SCImage", "ComprehensiveSR", "GrayscaleSoftcopyPresentationState")
        or line.startswith("EncapsulatedPDF")
        for line in said
    )
    return [line for line in said if line.startswith("Error")]


@pytest.mark.parametrize(
    ("kind", "language"), [("DICOM", "en"), ("DICOM, named", "ko"), ("PNG", "ko")]
)
def test_dciodvfy_accepts_them(
    make_report: MakeReport, tmp_path: Path, kind: str, language: str
) -> None:
    if shutil.which("dciodvfy") is None:
        pytest.skip("no dciodvfy: install Debian's dicom3tools")
    data = encode(chest_phantom(300, 280), "PNG") if kind == "PNG" else dicom_film()
    report = drawn(make_report, data)
    reading = replace(report.reading, opinion=Opinion(True, "경화 😀"))
    identity = report.identity if "named" in kind else None
    report = replace(report, reading=reading, identity=identity, language=language)
    found = []
    for instance in dicom_objects(report, data, More(state=True, pdf=True)):
        found.append(instance.Modality)
        instance.save_as(tmp_path / instance.Modality, enforce_file_format=True)
        assert complaints(tmp_path / instance.Modality) == [], instance.Modality
    assert found == ["OT", "SR", *(["PR"] if "named" in kind else []), "DOC"]
