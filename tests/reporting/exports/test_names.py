"""Whose film it is, in the letters of the file: shown, or said not to be shown, in every form."""

from io import BytesIO
from zipfile import ZipFile

import pydicom
import pytest
from pypdf import PdfReader

from core.messages.catalogue import text
from core.reporting.exports import Report, archive_zip, identify, report_pdf
from core.reporting.exports.dicom_study import read_study, written_names
from core.reporting.exports.lettering import REGULAR, can_set, literal
from tests.reporting.exports.conftest import FILE_NAME, MakeReport, dicom_film


def squeezed(words: str) -> str:
    return "".join(words.split()).replace("**", "")


def words_of(report: Report) -> str:
    return squeezed(
        "".join(page.extract_text() for page in PdfReader(BytesIO(report_pdf(report))).pages)
    )


def written_as(name: str, encoding: str, term: str) -> bytes:
    """A film whose header has a name in one character set and names another."""
    raw = name.encode(encoding)
    room = len(raw) + len(raw) % 2
    data = dicom_film(PatientName="N" * room, SpecificCharacterSet="ISO_IR 100")
    data = data.replace(b"ISO_IR 100", term.encode().ljust(10))
    return data.replace(b"N" * room, raw.ljust(room))


def named(make_report: MakeReport, data: bytes, **entries: object) -> Report:
    return make_report(data, identity=identify(FILE_NAME, data), **entries)


@pytest.mark.parametrize(
    ("name", "encoding", "term"),
    [
        ("김^시험 검사", "euc_kr", "ISO_IR 149"),
        ("Żaneta^Łódź", "iso8859_2", "ISO_IR 101"),
        ("Ayşe^Öztürk Işık", "iso8859_9", "ISO_IR 148"),
        ("Nguyễn^Thị Hằng", "utf-8", "ISO_IR 192"),
        ("Иванова^Анна", "iso8859_5", "ISO_IR 144"),
        ("Παπαδοπουλος^Αννα", "iso8859_7", "ISO_IR 126"),
        ("山田^太郎", "utf-8", "ISO_IR 192"),
        ("やまだ^タロウ", "utf-8", "ISO_IR 192"),
        ("王^小东", "gb18030", "GB18030"),
    ],
)
def test_names_are_shown_in_every_form(
    make_report: MakeReport, name: str, encoding: str, term: str
) -> None:
    data = written_as(name, encoding, term)
    report = named(make_report, data)
    told = words_of(report)
    assert squeezed(name.replace("^", "")) in told
    assert "□" not in told
    assert squeezed(text("en", "report.name_not_set")) not in told
    with ZipFile(BytesIO(archive_zip(report))) as archive:
        for member in archive.namelist():
            instance = pydicom.dcmread(BytesIO(archive.read(member)))
            assert written_names(instance) == [name.replace("^", " ")]
            assert instance.SpecificCharacterSet == "ISO_IR 192"


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    ("name", "encoding", "term"),
    [
        ("김^시험 검사", "euc_kr", "ISO_IR 100"),
        ("김^시험 검사", "euc_kr", "KOREAN"),
        ("Иванов^Пётр", "cp1251", "ISO_IR 100"),
    ],
)
def test_a_name_in_letters_that_cannot_be_told_is_left_out_and_that_is_said(
    make_report: MakeReport, name: str, encoding: str, term: str, language: str
) -> None:
    data = written_as(name, encoding, term)
    report = named(make_report, data, language=language)
    said = text(language, "report.name_unknown_letters")
    told = words_of(report)
    assert squeezed(said) in told
    for wrong in (name.encode(encoding).decode("latin_1"), name):
        assert squeezed(wrong) not in told
    with ZipFile(BytesIO(archive_zip(report))) as archive:
        capture, document = (
            pydicom.dcmread(BytesIO(archive.read(each))) for each in archive.namelist()
        )
    assert written_names(capture) == written_names(document) == []
    assert said in capture.ImageComments
    texts = [each.value for each in document.iterall() if each.keyword == "TextValue"]
    assert said in texts


@pytest.mark.parametrize(
    ("name", "term"),
    [("قباني^لنزار", "ISO_IR 127"), ("שרון^דבורה", "ISO_IR 138"), ("ใจดี^ดี", "ISO_IR 166")],
)
def test_a_name_that_no_typeface_sets_is_said_not_to_be_shown(
    make_report: MakeReport, name: str, term: str
) -> None:
    encoding = {"ISO_IR 127": "iso8859_6", "ISO_IR 138": "iso8859_8", "ISO_IR 166": "tis_620"}[term]
    data = written_as(name, encoding, term)
    report = named(make_report, data)
    assert squeezed(text("en", "report.name_not_set")) in words_of(report)
    study = read_study(data)  # the archive has it all the same
    assert study is not None
    assert written_names(study) == [name.replace("^", " ")]


def test_a_report_that_may_not_name_anybody_says_nothing_of_the_name(
    make_report: MakeReport,
) -> None:
    told = words_of(make_report(written_as("김^시험 검사", "euc_kr", "ISO_IR 100")))
    assert squeezed(text("en", "report.name_unknown_letters")) not in told


def test_letters_of_several_typefaces_stand_side_by_side() -> None:
    assert can_set("Ł 山 홍 é Ж ễ")
    assert not can_set("ق")
    shown = literal("aŁ山홍ق")
    assert shown.count("<font name=") == 2
    assert shown.startswith("a<font")
    assert "홍□" in shown
    assert REGULAR not in shown


@pytest.mark.parametrize("written", ["2021-01-31", "2021.01.31", "2021/01/31", "20210131"])
def test_days_with_signs_between_are_read(written: str) -> None:
    with pydicom.config.disable_value_validation():
        study = read_study(dicom_film(PatientBirthDate=written))
    assert study is not None
    assert study.PatientBirthDate == "20210131"


def test_signs_that_mean_something_elsewhere_are_shown_as_they_are(
    make_report: MakeReport,
) -> None:
    data = dicom_film(PatientName="A**b**^<i>C</i>", PatientID="**7**&amp;\t9\x7f")
    name = "**x**<b>\u202egnp\n.dcm"
    told = "".join(
        page.extract_text()
        for page in PdfReader(
            BytesIO(report_pdf(make_report(data, identity=identify(name, data))))
        ).pages
    )
    told = "".join(told.split())
    assert r"**x**<b>\u202egnp\n.dcm" in told
    assert "A**b**<i>C</i>" in told
    assert "**7**&amp;9" in told


def test_no_hidden_sign_goes_into_other_dicom_objects(make_report: MakeReport) -> None:
    data = dicom_film(PatientName="Kim\r\nMin^A", PatientID="7\t9\x7f8", StudyDescription="a\nb")
    with ZipFile(BytesIO(archive_zip(named(make_report, data)))) as archive:
        instances = [pydicom.dcmread(BytesIO(archive.read(each))) for each in archive.namelist()]
    for instance in instances:
        assert written_names(instance) == ["Kim Min A"]
        assert instance.PatientID == "7 9 8"
        assert instance.StudyDescription == "a b"
