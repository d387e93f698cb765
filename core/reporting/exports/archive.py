"""For an archive: Secondary Capture and Structured Report, in one study and one ZIP."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from core.reporting.exports.objects import dicom_objects
from core.reporting.exports.report import Report

NAMES = ("overlay.dcm", "verdict.dcm")


def archive_zip(report: Report) -> bytes:
    """``overlay.dcm`` and ``verdict.dcm``, in the study that ``dicom_objects`` says."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, instance in zip(NAMES, dicom_objects(report), strict=True):
            file = BytesIO()
            instance.save_as(file, enforce_file_format=True)
            archive.writestr(name, file.getvalue())
    return packed.getvalue()
