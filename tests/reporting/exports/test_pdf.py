"""The PDF report says what the page says, in both languages, and names nobody unasked."""

import re
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image
from pypdf import PdfReader

from core.data.labels import Verdict
from core.imaging import Notice, Orientation
from core.inference.reading import Opinion
from core.messages.catalogue import LANGUAGES, catalogue
from core.reporting.captions.second_look import heatmap_words, overlay_words
from core.reporting.captions.verdict import (
    called_words,
    facts_words,
    probability_words,
    review_words,
    short_worth_words,
    worth_words,
)
from core.reporting.exports import Report, identify, report_pdf
from core.reporting.exports.lettering import BOLD, FONTS, REGULAR, can_set, literal
from core.reporting.exports.pictures import film_and_overlay
from tests.reporting.exports.conftest import FILE_NAME, WHEN, MakeReport, dicom_film
from tests.support.phantoms import chest_phantom, encode


def squeezed(words: str) -> str:
    """Words without spaces, line breaks and bold marks: what lines are broken at does not count."""
    return re.sub(r"\s|\*\*", "", words)


def words_of(file: bytes) -> str:
    """All words of a PDF, squeezed."""
    return squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(file)).pages))


def noticed(report: Report, *notices: Notice) -> Report:
    """The report of a film of which there is something to tell."""
    film = replace(report.reading.film, notices=notices)
    return replace(report, reading=replace(report.reading, film=film))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("verdict", Verdict)
def test_the_text_is_what_the_page_says(
    make_report: MakeReport, language: str, verdict: Verdict
) -> None:
    opinion = Opinion(agrees=False, note="우하엽 경화 의심. Compare with last week.")
    notices = (Notice("film.notice.lateral"), Notice("gate.notice.unlike"))
    report = noticed(make_report(None, language, verdict, opinion), *notices)
    file = report_pdf(report)
    diagnosis, t = report.reading.diagnosis, report.t
    expected = [
        t("report.title"),
        f"{WHEN:%Y-%m-%d %H:%M}",
        t(f"diagnosis.verdict.{verdict.lower()}"),
        t(
            "diagnosis.probability",
            percent=probability_words(diagnosis.probability, language),
        ),
        t("diagnosis.zone.normal"),
        review_words(diagnosis.review, language),
        t("diagnosis.zone.pneumonia"),
        short_worth_words(diagnosis, "tiny", language),
        t("diagnosis.not_device"),
        t("diagnosis.film"),
        overlay_words(diagnosis.heatmap, language),
        heatmap_words(diagnosis.heatmap, language),
        called_words(verdict, diagnosis.review, language),
        worth_words(diagnosis, "tiny", language),
        t("diagnosis.calibrated"),
        *(notice.message(language) for notice in notices),
        t("report.opinion.disagrees"),
        opinion.note,
        t("diagnosis.not_for"),
        facts_words(report.reading.film.facts, language),
        "tiny 1.10",
        report.reading.film.sha256,
        diagnosis.weights_sha256,
        report.reading.diagnosis.settings_sha256,
        t("report.page", page=1, pages=1),
    ]
    assert "120" in worth_words(diagnosis, "tiny", language)  # measured, and not only said so
    found = words_of(file)
    assert [words for words in expected if squeezed(words) not in found] == []
    beside_the_gauge = found.replace(squeezed(review_words(diagnosis.review, language)), "")
    others = set(Verdict) - {verdict}
    for other in others - {Verdict.NORMAL, Verdict.PNEUMONIA}:
        assert squeezed(t(f"diagnosis.verdict.{other.lower()}")) not in beside_the_gauge


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_one_page_that_carries_its_fonts_and_language(
    make_report: MakeReport, language: str
) -> None:
    document = PdfReader(BytesIO(report_pdf(make_report(None, language))))
    (page,) = document.pages
    assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
    assert document.root_object["/Lang"] == language
    carried = {
        str(font["/BaseFont"]).split("+")[-1]
        for font in (each.get_object() for each in page["/Resources"]["/Font"].values())
        if "/FontDescriptor" in font and "/FontFile2" in font["/FontDescriptor"]
    }
    assert carried == {REGULAR, BOLD}


def test_film_and_overlay_stand_side_by_side(make_report: MakeReport) -> None:
    report = make_report()
    (page,) = PdfReader(BytesIO(report_pdf(report))).pages
    pictures = [np.asarray(Image.open(BytesIO(image.data))) for image in page.images]
    film, overlay = film_and_overlay(report.reading, 1200)
    for drawn in (film, overlay):
        (match,) = [picture for picture in pictures if picture.shape == drawn.shape]
        assert np.abs(match.astype(int) - drawn).mean() < 2
    assert (overlay != film[..., None]).any()


def test_a_long_note_goes_on_on_a_second_page(make_report: MakeReport) -> None:
    note = " ".join(f"word{number:04d}" for number in range(600))
    file = report_pdf(make_report(opinion=Opinion(True, note)))
    pages = PdfReader(BytesIO(file)).pages
    assert len(pages) == 2
    text = words_of(file)
    assert all(word in text for word in note.split())
    assert squeezed("Page 2 of 2") in squeezed(pages[1].extract_text())
    assert squeezed("not a medical device") in squeezed(pages[1].extract_text())


@pytest.mark.parametrize("note", ["x" * 600, "가" * 400, "first\n\nsecond\n- third"])
def test_a_note_is_never_cut(make_report: MakeReport, note: str) -> None:
    assert squeezed(note) in words_of(report_pdf(make_report(opinion=Opinion(None, note))))


def test_a_note_is_no_markup_and_a_sign_without_a_letter_is_a_box(make_report: MakeReport) -> None:
    note = "<b>2 < 3 & 4</b> **so** 똠 😀\x00 {film}"
    found = words_of(report_pdf(make_report(opinion=Opinion(True, note))))
    assert squeezed("<b>2 < 3 & 4</b>") in found
    assert "똠□{film}" in found
    assert "**so**" in literal(note)
    assert literal("\u1112\u1161\u11ab") == "한"  # as macOS spells the names of files


@pytest.mark.parametrize(
    ("probability", "review"), [(0.0, (0.5, 0.5)), (1.0, (0.0, 1.0)), (0.5, (0.98, 1.0))]
)
def test_the_ends_of_the_scale(
    make_report: MakeReport, probability: float, review: tuple[float, float]
) -> None:
    report = make_report()
    diagnosis = replace(report.reading.diagnosis, probability=probability, review=review)
    file = report_pdf(replace(report, reading=replace(report.reading, diagnosis=diagnosis)))
    assert squeezed(probability_words(probability, "en")) in words_of(file)
    low, high = (f"{100 * edge:.0f}" for edge in review)
    band = report.t("diagnosis.zone.review", low=low, high=high)
    assert (squeezed(band) in words_of(file)) == (review[0] < review[1])


@pytest.mark.parametrize("shape", [(300, 900), (900, 300)])
def test_films_of_any_shape_fit_on_the_page(
    make_report: MakeReport, shape: tuple[int, int]
) -> None:
    report = make_report(encode(chest_phantom(*shape), "PNG"))
    assert len(PdfReader(BytesIO(report_pdf(report))).pages) == 1


def test_nobody_is_named_unless_the_report_may(make_report: MakeReport) -> None:
    data = dicom_film(PatientName="Hong^Gildong=洪^吉洞=홍^길동", SpecificCharacterSet="ISO_IR 192")
    secrets = [FILE_NAME, "Gildong", "홍길동", "secret-42", "20210131", "2021-01-31", "ACC-123"]
    silent = report_pdf(make_report(data))
    whole = words_of(silent) + silent.decode("latin-1") + str(PdfReader(BytesIO(silent)).metadata)
    assert [secret for secret in secrets if secret in whole] == []
    identity = identify(FILE_NAME, data)
    told = words_of(report_pdf(make_report(data, identity=identity)))
    for shown in (FILE_NAME, "HongGildong", "홍길동", "secret-42", "2021-01-31", "2025-01-02"):
        assert shown in told
    assert "□" not in told  # a spelling that the typeface lacks is left out
    assert not any(secret in repr(make_report(data, identity=identity)) for secret in secrets)


def test_of_a_picture_only_the_files_name_is_told(make_report: MakeReport) -> None:
    data = encode(chest_phantom(300, 280), "PNG")
    told = words_of(report_pdf(make_report(data, identity=identify(FILE_NAME, data))))
    assert FILE_NAME in told
    assert "PatientID" not in told


def test_the_settings_hash_changes_with_the_settings(make_report: MakeReport) -> None:
    diagnosis = make_report().reading.diagnosis
    other = replace(diagnosis, threshold=0.4)
    turned = replace(diagnosis, orientation=Orientation(quarter_turns=1))
    cooled = replace(diagnosis, temperature=2 * diagnosis.temperature)
    explained = replace(diagnosis, heatmap=replace(diagnosis.heatmap, method="layer_cam"))
    found = (diagnosis, other, turned, cooled, explained)
    assert len({each.settings_sha256 for each in found}) == 5


def test_a_report_is_never_of_another_models_diagnosis(make_report: MakeReport) -> None:
    report = make_report()
    with pytest.raises(ValueError, match="other weights"):
        replace(report, card=replace(report.card, sha256="0" * 64))


def test_the_fonts_have_every_sign_of_the_catalogue() -> None:
    for name in (REGULAR, BOLD):
        signs = set(TTFont(FONTS / f"{name}.ttf").getBestCmap())
        for language in LANGUAGES:
            words = "".join(catalogue(language).values())
            assert {sign for sign in words if ord(sign) not in signs and sign != "\n"} == set()
    assert can_set("".join(map(chr, range(0xAC00, 0xD7A4))))
