"""For an archive: Secondary Capture and Structured Report, in one study and one ZIP."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from core.reporting.exports.capture import secondary_capture
from core.reporting.exports.dicom_study import new_study
from core.reporting.exports.report import Report
from core.reporting.exports.structured import structured_report

CAPTURE_SERIES, REPORT_SERIES = 9001, 9002
"""High numbers, so that the film's own series come first in a viewer."""


def archive_zip(report: Report) -> bytes:
    """``overlay.dcm`` and ``verdict.dcm``.

    They are in the study of the film and of its patient where the report may carry these and the
    film is DICOM; else in a new study of nobody.
    """
    known = report.identity.study if report.identity else None
    study = known or new_study(report.when)
    capture = secondary_capture(report, study, CAPTURE_SERIES)
    document = structured_report(report, study, capture, REPORT_SERIES)
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, instance in (("overlay.dcm", capture), ("verdict.dcm", document)):
            file = BytesIO()
            instance.save_as(file, enforce_file_format=True)
            archive.writestr(name, file.getvalue())
    return packed.getvalue()
