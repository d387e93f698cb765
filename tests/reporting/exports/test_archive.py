"""The DICOM objects: read back, in the right study, and of nobody unasked."""

from io import BytesIO
from zipfile import ZipFile

import numpy as np
import pydicom
import pytest
from highdicom.sr import ComprehensiveSR, MeasurementReport
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import SecondaryCaptureImageStorage
from pypdf import PdfReader

from core.inference.reading import Opinion
from core.messages.catalogue import LANGUAGES
from core.models.generator.picture import dicom_file, marked
from core.reporting.exports import Report, archive_zip, identify, report_pdf
from core.reporting.exports.capture import captioned_overlay
from core.reporting.exports.dicom_study import read_study, written_names
from core.reporting.exports.pictures import film_and_overlay
from core.reporting.exports.structured import AGREES
from tests.reporting.exports.conftest import (
    FILE_NAME,
    SERIES_UID,
    STUDY_UID,
    MakeReport,
    dicom_film,
)
from tests.support.phantoms import DX_IMAGE, chest_phantom, encode

NAME = "Hong^Gildong=洪^吉洞=홍^길동"
OPINION = Opinion(True, "우하엽 경화, 추적 검사 권고 😀")


def objects(report: Report) -> tuple[Dataset, Dataset]:
    """Secondary Capture and Structured Report, as pydicom reads them from the ZIP."""
    with ZipFile(BytesIO(archive_zip(report))) as archive:
        assert archive.namelist() == ["overlay.dcm", "verdict.dcm"]
        capture, document = (
            pydicom.dcmread(BytesIO(archive.read(name))) for name in archive.namelist()
        )
    return capture, document


def named(make_report: MakeReport, data: bytes, **entries: object) -> Report:
    return make_report(data, identity=identify(FILE_NAME, data), **entries)


def content_of(document: Dataset) -> MeasurementReport:
    content = ComprehensiveSR.from_dataset(document).content
    return MeasurementReport.from_sequence([content[0]] if len(content) == 1 else content)


def test_both_are_in_the_study_of_the_film_and_of_its_patient(make_report: MakeReport) -> None:
    data = dicom_film(PatientName=NAME, SpecificCharacterSet="ISO_IR 192")
    capture, document = objects(named(make_report, data))
    for instance in (capture, document):
        assert instance.StudyInstanceUID == STUDY_UID
        assert instance.SeriesInstanceUID != SERIES_UID
        assert (str(instance.PatientName), instance.PatientID) == (NAME, "secret-42")
        assert (instance.PatientBirthDate, instance.PatientSex) == ("20210131", "F")
        assert (instance.StudyDate, instance.AccessionNumber) == ("20250102", "ACC-123")
    assert capture.SeriesInstanceUID != document.SeriesInstanceUID
    (source,) = capture.SourceImageSequence
    film = pydicom.dcmread(BytesIO(data))
    assert source.ReferencedSOPInstanceUID == film.SOPInstanceUID
    (evidence,) = document.CurrentRequestedProcedureEvidenceSequence
    referenced = {
        item.ReferencedSOPInstanceUID
        for series in evidence.ReferencedSeriesSequence
        for item in series.ReferencedSOPSequence
    }
    assert referenced == {film.SOPInstanceUID, capture.SOPInstanceUID}


def test_without_leave_they_are_in_a_new_study_of_nobody(make_report: MakeReport) -> None:
    data = dicom_film(PatientName=NAME, SpecificCharacterSet="ISO_IR 192")
    report = make_report(data)
    capture, document = objects(report)
    assert capture.StudyInstanceUID == document.StudyInstanceUID != STUDY_UID
    assert "SourceImageSequence" not in capture
    with ZipFile(BytesIO(archive_zip(report))) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    film = pydicom.dcmread(BytesIO(data))
    secrets = ["Gildong", "길동", "secret-42", "20210131", "20250102", "ACC-123", FILE_NAME]
    secrets += [STUDY_UID, SERIES_UID, f"{film.SOPInstanceUID}\0"]
    assert [secret for secret in secrets if secret.encode() in whole] == []
    assert objects(report)[0].StudyInstanceUID != capture.StudyInstanceUID


def test_a_picture_gets_a_study_even_with_leave(make_report: MakeReport) -> None:
    capture, document = objects(named(make_report, encode(chest_phantom(300, 280), "PNG")))
    assert capture.StudyInstanceUID == document.StudyInstanceUID
    assert capture.PatientName == document.PatientName == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_made_of_a_synthetic_film_says_so(make_report: MakeReport, language: str) -> None:
    made = dicom_file(marked(chest_phantom(128, 128)), "normal-1")
    report = make_report(made, language=language)
    capture, document = objects(report)
    assert capture.SyntheticData == "YES"
    assert capture.ImageComments.startswith({"en": "SYNTHETIC FILM", "ko": "합성 영상"}[language])
    texts = [element.value for element in document.iterall() if element.keyword == "TextValue"]
    assert report.t("film.notice.synthetic") in texts
    pages = "".join(page.extract_text() for page in PdfReader(BytesIO(report_pdf(report))).pages)
    told = report.t("film.notice.synthetic")
    assert "".join(told.split()) in "".join(pages.split())
    plain, _ = objects(make_report(language=language))
    assert "SyntheticData" not in plain


def test_the_capture_is_the_overlay_and_says_what_it_is(make_report: MakeReport) -> None:
    report = make_report()
    capture, _ = objects(report)
    assert capture.SOPClassUID == SecondaryCaptureImageStorage
    assert capture.PhotometricInterpretation == "RGB"
    pixels = capture.pixel_array
    assert (pixels == captioned_overlay(report)).all()
    overlay = film_and_overlay(report.reading, 2048)[1]
    height = round(overlay.shape[0] * pixels.shape[1] / overlay.shape[1])
    assert pixels[height:].max() == 255  # the words
    assert pixels[height:].min() == 0
    enlarged = Image.fromarray(overlay).resize((pixels.shape[1], height), Image.Resampling.BICUBIC)
    assert (pixels[:height] == np.asarray(enlarged)).all()
    assert "not for diagnosis" in capture.ImageComments
    assert "not for diagnosis" in capture.SeriesDescription


@pytest.mark.parametrize(("agrees", "answers"), [(None, 0), (False, 1)])
def test_an_opinion_is_told_only_where_there_is_one(
    make_report: MakeReport, agrees: bool | None, answers: int
) -> None:
    _, document = objects(make_report(opinion=Opinion(agrees)))
    (group,) = content_of(document).get_image_measurement_groups()
    found = group.get_qualitative_evaluations(AGREES)
    assert [item.value for item in found] == [codes.SCT.No] * answers


@pytest.mark.parametrize(
    ("charset", "name", "spellings"),
    [
        ("ISO_IR 192", NAME, ["Hong Gildong", "洪 吉洞", "홍 길동"]),
        (["", "ISO 2022 IR 149"], NAME, ["Hong Gildong", "洪 吉洞", "홍 길동"]),
        ("ISO_IR 100", "Müller^Änne^^Dr", ["Müller Änne Dr"]),
        ("ISO_IR 6", "Plain", ["Plain"]),
        ("ISO_IR 6", "", []),
        ("ISO_IR 6", "A^B\\C^D", []),
    ],
)
def test_names_of_every_character_set(
    make_report: MakeReport, charset: str | list[str], name: str, spellings: list[str]
) -> None:
    data = dicom_film(SpecificCharacterSet=charset, PatientName=name)
    study = read_study(data)
    assert study is not None
    assert written_names(study) == spellings
    for instance in objects(named(make_report, data)):
        assert written_names(instance) == spellings


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("PatientBirthDate", "31.01.2021"),
        ("PatientBirthDate", "20210101-20210201"),
        ("PatientBirthDate", "20210231"),
        ("StudyTime", "noon"),
        ("StudyTime", "1213-1415"),
        ("PatientID", "A\\B"),
        ("PatientSex", "unknown"),
        ("PatientID", "i" * 90),
        ("StudyInstanceUID", "1.2.3.04.5"),
    ],
)
def test_a_header_that_breaks_the_rules_still_leaves(
    make_report: MakeReport, keyword: str, value: str, recwarn: pytest.WarningsRecorder
) -> None:
    with pydicom.config.disable_value_validation():
        data = dicom_film(**{keyword: value})
    for instance in objects(named(make_report, data)):
        kept = keyword in ("PatientID", "StudyInstanceUID") and "\\" not in value
        assert str(instance[keyword].value) == (value if kept else "")
    assert not any(value in str(warning.message) for warning in recwarn)


def test_letters_of_a_character_set_that_is_not_told_do_not_leave() -> None:
    data = dicom_film(SpecificCharacterSet="ISO_IR 100", PatientName="M\xfcller^A")
    at = data.index(b"ISO_IR 100")
    study = read_study(data[:at] + b"          " + data[at + 10 :])
    assert study is not None
    assert written_names(study) == []


def test_a_film_of_a_private_class_has_its_report_too(make_report: MakeReport) -> None:
    data = dicom_film(SOPClassUID="1.3.46.670589.2.3.1.1")
    _, document = objects(named(make_report, data))
    assert document.PatientID == "secret-42"


def test_bytes_that_name_no_study_have_none() -> None:
    assert read_study(b"no film at all") is None
    assert read_study(encode(chest_phantom(), "PNG")) is None
    assert read_study(dicom_film(StudyInstanceUID="")) is None
    assert identify(FILE_NAME, None).study is None


def test_a_film_without_its_own_uid_is_filed_but_not_referenced(make_report: MakeReport) -> None:
    capture, _ = objects(named(make_report, dicom_film(SeriesInstanceUID="")))
    assert capture.StudyInstanceUID == STUDY_UID
    assert "SourceImageSequence" not in capture
    assert DX_IMAGE.encode() not in archive_zip(make_report())
