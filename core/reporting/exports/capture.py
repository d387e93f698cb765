"""The film with its heatmap as a DICOM Secondary Capture."""

from typing import Any

import numpy as np
from highdicom.sc import SCImage
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

import core
from core.imaging.no_film import MAKER
from core.inference.explanation_methods import METHODS
from core.inference.overlay import Pixels
from core.reporting.captions.verdict import probability_words
from core.reporting.exports.dicom_study import OPTIONAL, referenced_film
from core.reporting.exports.lettering import FONTS, REGULAR
from core.reporting.exports.pictures import film_and_overlay
from core.reporting.exports.report import Report

LONGEST_PX, NARROWEST_PX = 2048, 1024
"""Longest side of the film in a capture, and the width that its words need to be read."""


def new_instance(report: Report, series_number: int) -> dict[str, Any]:
    """What highdicom asks of every object: new UIDs, and its maker."""
    return {
        "series_instance_uid": generate_uid(prefix=None),
        "series_number": series_number,
        "sop_instance_uid": generate_uid(prefix=None),
        "instance_number": 1,
        "manufacturer": MAKER,
        "manufacturer_model_name": report.card.name,
        "software_versions": (core.__version__, report.card.version),
        "series_description": report.t("report.archive.series"),
    }


def secondary_capture(report: Report, study: Dataset, series_number: int) -> SCImage:
    """The overlay with a line below it that says what it is, in a study.

    Args:
        report: What is told.
        study: Patient and study, and the film's own UIDs where it may be referenced.
        series_number: Of the new series.
    """
    image = SCImage.from_ref_dataset(
        study,
        pixel_array=captioned_overlay(report),
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        patient_orientation=("L", "F"),
        transfer_syntax_uid=ExplicitVRLittleEndian,
        **new_instance(report, series_number),
    )
    image.BodyPartExamined = "CHEST"
    image["PatientOrientation"].value = None  # highdicom wants one, but a film may be mirrored
    for keyword in set(OPTIONAL) & set(study.dir()):
        setattr(image, keyword, study[keyword].value)
    image.ImageComments = f"{capture_words(report)} {report.left_out}".strip()
    if report.reading.film.facts.synthetic:
        image.SyntheticData = "YES"
    film = referenced_film(study)
    if film is not None:
        image.SourceImageSequence = [film]
    return image


def capture_words(report: Report) -> str:
    """What the picture is, and that no diagnosis may rest on it."""
    diagnosis, facts = report.reading.diagnosis, report.reading.film.facts
    return report.t(
        "report.archive.capture_synthetic" if facts.synthetic else "report.archive.capture",
        model=report.model,
        method=METHODS[diagnosis.heatmap.method].title,
        verdict=report.t(f"diagnosis.verdict.{diagnosis.verdict.lower()}"),
        percent=probability_words(diagnosis.probability, report.language),
    )


def captioned_overlay(report: Report) -> Pixels:
    """The overlay with a black strip below it that tells what it is: (H, W, 3), uint8."""
    overlay = Image.fromarray(film_and_overlay(report.reading, LONGEST_PX)[1])
    if overlay.width < NARROWEST_PX:
        height = round(overlay.height * NARROWEST_PX / overlay.width)
        overlay = overlay.resize((NARROWEST_PX, height), Image.Resampling.BICUBIC)
    words, width = capture_words(report), overlay.width
    font = ImageFont.truetype(FONTS / f"{REGULAR}.ttf", 20)
    font = font.font_variant(size=min(20 * 0.96 * width / font.getlength(words), width / 48))
    strip = Image.new("RGB", (width, round(font.size * 2)))
    place = (width / 2, strip.height / 2)
    ImageDraw.Draw(strip).text(place, words, fill="white", font=font, anchor="mm")
    return np.vstack([np.asarray(overlay), np.asarray(strip)])
