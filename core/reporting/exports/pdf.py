"""One film's report as PDF: a page of A4, and a second where the reader's note needs it."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    HRFlowable,
    Image,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from core.inference.overlay import OPACITY, Pixels, legend_picture
from core.messages.plain import plain
from core.reporting.captions.second_look import heatmap_words, overlay_words
from core.reporting.captions.verdict import (
    calibrated_words,
    called_words,
    facts_words,
    figures_words,
    probability_words,
    review_words,
    short_worth_words,
    worth_words,
)
from core.reporting.charts.style import VERDICT_INKS
from core.reporting.exports.dicom_study import Identity, written_date, written_names
from core.reporting.exports.lettering import (
    BODY,
    CAPTION,
    HEADING,
    LEAD,
    QUIET,
    REGULAR,
    RIGHT,
    RULE,
    SMALL,
    TINT,
    TITLE,
    VERDICT,
    can_set,
    literal,
    load_fonts,
    markup,
)
from core.reporting.exports.pictures import film_and_overlay, jpeg
from core.reporting.exports.probability_scale import Marks, Scale
from core.reporting.exports.report import Report

MARGIN_PT, GAP_PT = 42, 10
TOP_PT, BOTTOM_PT = 34, 44
WIDTH_PT = A4[0] - 2 * MARGIN_PT
_FRAME_PT = 6
"""What reportlab's own frame leaves free inside the margins."""

_FREE_PT = A4[1] - TOP_PT - BOTTOM_PT - 2 * _FRAME_PT

_BARE = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 1),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
    ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
]
FILM_HEIGHTS_PT = (290, 250, 210, 190)
"""Heights that the films may have: the first with which the report has the fewest pages."""

PICTURE_PX = 1200


class _NumberedCanvas(Canvas):  # type: ignore[misc]
    """A canvas that writes the foot of its pages when it knows how many they are."""

    def __init__(
        self, *options: Any, foot: Callable[[Canvas, int, int], None], **named: Any
    ) -> None:
        super().__init__(*options, **named)
        self._foot = foot
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """Keep the page until the last one is drawn."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write all pages, each with its foot."""
        pages = self._pages
        for number, page in enumerate(pages, 1):
            self.__dict__.update(page)
            self._foot(self, number, len(pages))
            super().showPage()
        super().save()


def report_pdf(report: Report) -> bytes:
    """The report as a PDF file, which carries its fonts and whose text can be searched."""
    load_fonts()
    pictures = film_and_overlay(report.reading, PICTURE_PX)
    made = []
    for film_pt in FILM_HEIGHTS_PT:
        story = [*_above(report), *_films(report, pictures, film_pt), *_below(report)]
        if _height_pt(story) <= _FREE_PT:
            return _written(report, story)[1]
        made.append(_written(report, story))
    return min(made, key=lambda pages_and_file: pages_and_file[0])[1]


def _written(report: Report, story: list[Flowable]) -> tuple[int, bytes]:
    """A story as a PDF file, after its number of pages."""
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN_PT - _FRAME_PT,
        rightMargin=MARGIN_PT - _FRAME_PT,
        topMargin=TOP_PT,
        bottomMargin=BOTTOM_PT,
        title=report.t("report.title"),
        author=report.t("frame.title"),
        lang=report.language,
    )

    def foot(canvas: Canvas, page: int, pages: int) -> None:
        canvas.setFont(REGULAR, SMALL.fontSize)
        canvas.setFillColor(QUIET)
        film = report.reading.film.sha256[:12]
        canvas.drawString(MARGIN_PT, 26, report.t("report.foot", film=film))
        number = report.t("report.page", page=page, pages=pages)
        canvas.drawRightString(A4[0] - MARGIN_PT, 26, number)

    document.build(story, canvasmaker=partial(_NumberedCanvas, foot=foot))
    return document.page, file.getvalue()


def _height_pt(story: Sequence[Flowable]) -> float:
    """How high a story is where no page ends: its parts, and the larger space of two neighbours."""
    height_pt = space_pt = 0.0
    for place, part in enumerate(story):
        before_pt = max(space_pt, part.getSpaceBefore()) if place else 0.0
        height_pt += before_pt + part.wrap(WIDTH_PT, A4[1])[1]
        space_pt = part.getSpaceAfter()
    return height_pt


def _above(report: Report) -> Iterator[Flowable]:
    """What stands above the films."""
    yield _row(
        Paragraph(report.t("report.title"), TITLE),
        Paragraph(f"{report.when:%Y-%m-%d %H:%M %Z}", RIGHT),
    )
    yield HRFlowable(width="100%", thickness=0.7, color=RULE, spaceBefore=4, spaceAfter=8)
    yield from _patient(report)
    yield from _verdict(report)


def _below(report: Report) -> Iterator[Flowable]:
    """What stands below the films."""
    t, notices = report.t, report.reading.notices
    if notices:
        words = [notice.message(report.language) for notice in notices]
        yield from _section(t("report.notices"), *map(literal, words))
    yield from _section(t("report.meaning"), *_meaning(report))
    yield from _section(t("report.limits"), t("diagnosis.not_device"), t("diagnosis.not_for"))
    yield from _section(t("report.record"))
    yield _record(report)
    yield from _section(t("report.reader"), *_opinion(report))  # last, for a note may be long


def _patient(report: Report) -> Iterator[Flowable]:
    """Whose film it is, where the reader lets the report say so."""
    identity = report.identity
    if identity is None:
        return
    known, not_shown = {"report.file_name": identity.file_name}, ""
    if identity.study is not None:
        study = identity.study
        spellings = written_names(study)
        known["report.patient"] = ", ".join(filter(can_set, spellings))
        not_shown = name_not_shown(identity)
        known["report.patient_id"] = study.PatientID
        known["report.birth_date"] = written_date(study.PatientBirthDate)
        known["report.study_date"] = written_date(study.StudyDate)
    words = [
        f"{literal(report.t(key))}: <b>{literal(plain(value))}</b>"
        for key, value in known.items()
        if value
    ]
    yield Paragraph(" · ".join(words), BODY)
    if not_shown:
        yield Paragraph(markup(report.t(not_shown)), SMALL)


def name_not_shown(identity: Identity) -> str:
    """The catalogue key of why the patient's name is missing, or a spelling of it; else empty."""
    if identity.is_name_left_out:
        return "report.name_unknown_letters"
    spellings = written_names(identity.study) if identity.study is not None else []
    return "" if all(map(can_set, spellings)) else "report.name_not_set"


def _verdict(report: Report) -> Iterator[Flowable]:
    """The verdict as a word in its colour, the probability, and its gauge."""
    diagnosis, language = report.reading.diagnosis, report.language
    colour = VERDICT_INKS[diagnosis.verdict][0]
    word = report.t(f"diagnosis.verdict.{diagnosis.verdict.lower()}")
    yield Paragraph(f'<font color="{colour}">{literal(word)}</font>', VERDICT)
    probability = probability_words(diagnosis.probability, language)
    yield Paragraph(markup(report.t("diagnosis.probability", percent=probability)), LEAD)
    names = (
        report.t("diagnosis.zone.normal"),
        review_words(diagnosis.review, language),
        report.t("diagnosis.zone.pneumonia"),
    )
    yield Scale(Marks(diagnosis.probability, diagnosis.review, names))
    yield Spacer(0, 6)


def _films(report: Report, pictures: Sequence[Pixels], height_pt: float) -> Iterator[Flowable]:
    """The film and its overlay side by side, and what the colours mean."""
    rows, columns = pictures[0].shape
    width_pt = min((WIDTH_PT - GAP_PT) / 2, height_pt * columns / rows)
    images = [Image(jpeg(each), width_pt, width_pt * rows / columns) for each in pictures]
    heatmap = report.reading.diagnosis.heatmap
    titles = (report.t("diagnosis.film"), overlay_words(heatmap, report.language))
    names = [Paragraph(title, CAPTION) for title in titles]
    half = (WIDTH_PT - GAP_PT) / 2
    yield Table(
        [[images[0], "", images[1]], [names[0], "", names[1]]],
        colWidths=[half, GAP_PT, half],
        style=[*_BARE, ("ALIGN", (0, 0), (-1, -1), "CENTER"), ("TOPPADDING", (0, 1), (-1, 1), 3)],
    )
    yield Spacer(0, 4)
    yield Image(jpeg(legend_picture(OPACITY)), WIDTH_PT, 5)
    yield Spacer(0, 3)
    yield Paragraph(markup(heatmap_words(heatmap, report.language)), SMALL)


def _meaning(report: Report) -> Iterator[str]:
    diagnosis, language = report.reading.diagnosis, report.language
    called = called_words(diagnosis.verdict, diagnosis.review, language, diagnosis.reasons)
    worth = worth_words(diagnosis, report.card.name, language)
    yield markup(short_worth_words(diagnosis, report.card.name, language))
    yield markup(f"{called} {worth}")
    yield markup(figures_words(diagnosis, language))
    yield markup(calibrated_words(diagnosis, language))


def _opinion(report: Report) -> Iterator[str]:
    """Whether the reader agrees, and the note; a long note goes on on the next page."""
    opinion = report.reading.opinion
    said = {True: "agrees", False: "disagrees", None: "silent"}[opinion.agrees]
    yield markup(report.t(f"report.opinion.{said}"))
    if note := opinion.note.strip():
        yield literal(note)


def _record(report: Report) -> Flowable:
    """By what the film was read: past the gate, the same three hashes give the same verdict."""
    reading = report.reading
    rows = {
        "report.facts": facts_words(reading.film.facts, report.language),
        "report.model": report.model,
        "report.film_hash": reading.film.sha256,
        "report.weights_hash": reading.diagnosis.weights_sha256,
        "report.settings_hash": reading.diagnosis.settings_sha256,
    }
    return Table(
        [[Paragraph(report.t(key), SMALL), Paragraph(literal(rows[key]), SMALL)] for key in rows],
        colWidths=[110, WIDTH_PT - 110],
        style=[
            *_BARE,
            ("BACKGROUND", (0, 0), (-1, -1), TINT),
            ("LEFTPADDING", (0, 0), (-1, -1), 6),
        ],
    )


def _section(heading: str, *paragraphs: str) -> Iterator[Flowable]:
    yield Paragraph(heading, HEADING)
    yield from (Paragraph(words, BODY) for words in paragraphs)


def _row(left: Flowable, right: Flowable) -> Flowable:
    return Table([[left, right]], colWidths=[WIDTH_PT * 0.6, WIDTH_PT * 0.4], style=_BARE)
