"""What leaves the room: a report as PDF, and DICOM objects for the archive."""

from core.report.archive import archive_zip
from core.report.pdf import report_pdf
from core.report.report import Report
from core.report.study import Identity, identify

__all__ = ["Identity", "Report", "archive_zip", "identify", "report_pdf"]
