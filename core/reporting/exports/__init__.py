"""Exports: a report as PDF, and DICOM objects for the archive."""

from core.reporting.exports.archive import archive_zip
from core.reporting.exports.dicom_study import Identity, identify
from core.reporting.exports.folder import ObjectsFolder
from core.reporting.exports.objects import More
from core.reporting.exports.pdf import name_not_shown, report_pdf
from core.reporting.exports.report import Report

__all__ = [
    "Identity",
    "More",
    "ObjectsFolder",
    "Report",
    "archive_zip",
    "identify",
    "name_not_shown",
    "report_pdf",
]
