"""The DICOM objects of a report, in one study, each in a series of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

from highdicom.base import SOPClass

from core.reporting.exports.capture import secondary_capture
from core.reporting.exports.dicom_study import new_study
from core.reporting.exports.encapsulated import encapsulated_pdf
from core.reporting.exports.presentation import presentation_state
from core.reporting.exports.report import Report
from core.reporting.exports.structured import structured_report

CAPTURE_SERIES, REPORT_SERIES, STATE_SERIES, PDF_SERIES = 9001, 9002, 9003, 9004
"""High numbers, so that the film's own series come first in a viewer."""


@dataclass(frozen=True, slots=True)
class More:
    """Objects beyond Secondary Capture and Structured Report.

    Args:
        state: A presentation state, of a DICOM film in its own study.
        pdf: The report as Encapsulated PDF.
    """

    state: bool = False
    pdf: bool = False


def dicom_objects(
    report: Report, data: bytes | None = None, more: More = More()
) -> Iterator[SOPClass]:
    """Secondary Capture, Structured Report, and what else is asked for.

    They are in the study of the film and of its patient where the report may carry these and the
    film is DICOM; else in a new study of nobody, to which no presentation state is made.

    Args:
        report: What is told.
        data: The film's file; a presentation state needs it.
        more: What else is asked for.
    """
    known = report.identity.study if report.identity else None
    study = known or new_study(report.when)
    capture = secondary_capture(report, study, CAPTURE_SERIES)
    yield capture
    yield structured_report(report, study, capture, REPORT_SERIES)
    if more.state and known is not None and data is not None:
        state = presentation_state(report, study, data, STATE_SERIES)
        if state is not None:
            yield state
    if more.pdf:
        yield encapsulated_pdf(report, study, PDF_SERIES)
