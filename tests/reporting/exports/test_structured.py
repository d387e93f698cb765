"""The Structured Report, read back by pydicom alone: every value, and every code in its table."""

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sr._concepts_dict import concepts

from core.data.labels import Population, Verdict
from core.inference.population import PopulationReading
from core.inference.reading import Opinion
from core.reporting.captions.verdict import called_words, worth_words
from core.reporting.exports import Report, identify
from core.reporting.exports.objects import dicom_objects
from core.reporting.exports.structured import SCHEME
from tests.reporting.exports.conftest import FILE_NAME, MakeReport, dicom_film

TABLE = Path("docs/dicom.md")
OPINION = Opinion(True, "우하엽 경화, 추적 검사 권고 😀")
PRESENCES = {"NORMAL": "272519000", "PNEUMONIA": "52101004", "REVIEW": "373068000"}
KNOWN_ELSEWHERE = {  # pydicom's dictionaries have what the standard itself names
    ("SCT", "233604007"),
    ("SCT", "399208008"),
    ("SCT", "133936004"),
    ("RFC5646", "en"),
    ("RFC5646", "ko"),
    ("UCUM", "{pixels}"),
}


def document_of(report: Report) -> Dataset:
    """The document as pydicom reads it from a file."""
    _, document = dicom_objects(report)
    file = BytesIO()
    document.save_as(file, enforce_file_format=True)
    return pydicom.dcmread(BytesIO(file.getvalue()))


def items(document: Dataset) -> dict[tuple[str, str], list[object]]:
    """The values in the measurement group by scheme and code of their names."""
    (group,) = (
        item
        for part in document.ContentSequence
        for item in part.get("ContentSequence", [])
        if item.ConceptNameCodeSequence[0].CodeValue == "125007"
    )
    found: dict[tuple[str, str], list[object]] = {}
    for item in group.ContentSequence:
        name = item.ConceptNameCodeSequence[0]
        key = (name.CodingSchemeDesignator, name.CodeValue)
        found.setdefault(key, []).append(value(item))
    return found


def value(item: Dataset) -> object:
    if item.ValueType == "NUM":
        measured = item.MeasuredValueSequence[0]
        return float(measured.NumericValue), measured.MeasurementUnitsCodeSequence[0].CodeValue
    if item.ValueType == "CODE":
        return item.ConceptCodeSequence[0].CodeValue
    if item.ValueType == "IMAGE":
        return item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID
    return item.get("TextValue") or item.UID


def coded(document: Dataset) -> set[tuple[str, str]]:
    """Scheme and value of every code of a document."""
    return {
        (item.CodingSchemeDesignator, item.CodeValue)
        for element in document.iterall()
        if element.keyword.endswith("CodeSequence")
        for item in element.value
        if "CodeValue" in item
    }


@pytest.mark.parametrize(
    ("verdict", "language"), list(zip(Verdict, ("en", "ko", "en"), strict=True)), ids=str
)
def test_every_value_is_read_back(make_report: MakeReport, verdict: Verdict, language: str) -> None:
    data = dicom_film()
    identity = identify(FILE_NAME, data)
    report = make_report(data, language, verdict, OPINION, identity=identity)
    diagnosis, film = report.reading.diagnosis, report.reading.film
    document = document_of(report)
    assert document.VerificationFlag == "UNVERIFIED"
    found = items(document)
    assert found["DCM", "121071"] == ["233604007"]
    assert found["SCT", "363698007"] == ["39607008"]
    assert found["SCT", "233604007"] == [PRESENCES[verdict]]
    percent = pytest.approx(100 * diagnosis.probability)
    assert found["DCM", "122157"] == [(percent, "%")]
    certain = [(percent, "%")] if verdict is Verdict.PNEUMONIA else []
    assert found.get(("DCM", "111012"), []) == certain
    assert found["DCM", "111071"] == found["DCM", "111072"] == [(0, "1")]
    (point,) = found["DCM", "111081"]
    assert "50" in str(point)
    assert found[SCHEME, "threshold"] == [(50, "%")]
    assert found[SCHEME, "review_low"] == [(35, "%")]
    assert found[SCHEME, "review_high"] == [(75, "%")]
    assert found["DCM", "111001"] == ["tiny"]
    assert found["DCM", "111003"] == ["1.10"]
    assert found["DCM", "122405"] == ["Pneumonia reading room"]
    assert found["DCM", "111000"] == ["123110"]
    assert found["DCM", "111002"] == [
        f"film sha256 {film.sha256}",
        f"weights sha256 {diagnosis.weights_sha256}",
        f"settings sha256 {diagnosis.settings_sha256}",
        "operating point 0.5",
    ]
    assert found[SCHEME, "agrees"] == ["373066001"]
    assert found[SCHEME, "note"] == [OPINION.note]
    assert found["DCM", "121112"] == [pydicom.dcmread(BytesIO(data)).SOPInstanceUID]
    assert found["DCM", "121106"] == [
        report.t("diagnosis.not_for"),
        called_words(verdict, diagnosis.review, language, diagnosis.reasons),
        worth_words(diagnosis, "tiny", language),
        *(notice.message(language) for notice in report.reading.notices),
    ]


def test_every_code_is_in_the_table_and_no_standard_one_is_made_up(
    make_report: MakeReport,
) -> None:
    written: set[tuple[str, str]] = set()
    for verdict, population, language in zip(Verdict, Population, ("en", "ko", "en"), strict=True):
        report = make_report(language=language, verdict=verdict, opinion=Opinion(True, "note"))
        of_whom = PopulationReading(population, population, 0.5, 0.5, (), "0" * 64)
        diagnosis = replace(report.reading.diagnosis, population=of_whom)
        reading = replace(report.reading, diagnosis=diagnosis)
        written |= coded(document_of(replace(report, reading=reading)))
    written |= coded(document_of(make_report(opinion=Opinion(False))))
    table = re.findall(r"^\| `(\S+)` \| (\S+) \|", TABLE.read_text(), re.MULTILINE)
    assert {(scheme, code) for code, scheme in table} == written
    known = {
        (scheme, code)
        for scheme, names in concepts.items()
        for meanings in names.values()
        for code in meanings
    }
    assert {each for each in written - known if each[0] != SCHEME} == KNOWN_ELSEWHERE
