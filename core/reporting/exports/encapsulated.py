"""The report's PDF as a DICOM object: an Encapsulated PDF."""

from highdicom.base import SOPClass
from highdicom.sr import CodedConcept
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian

from core.reporting.exports.capture import new_instance
from core.reporting.exports.dicom_study import UIDS, referenced_film
from core.reporting.exports.pdf import report_pdf
from core.reporting.exports.report import Report


def encapsulated_pdf(report: Report, study: Dataset, series_number: int) -> SOPClass:
    """The report's PDF in a study (PS3.3 A.45.1).

    Args:
        report: What is told.
        study: Patient and study, and the film's own UIDs where it may be referenced.
        series_number: Of the new series.
    """
    file = report_pdf(report)
    document = SOPClass(
        study_instance_uid=study.StudyInstanceUID,
        sop_class_uid=EncapsulatedPDFStorage,
        modality="DOC",
        transfer_syntax_uid=ExplicitVRLittleEndian,
        specific_character_set="ISO_IR 192",
        **new_instance(report, series_number),
    )
    for element in study:
        if element.keyword not in UIDS:
            document.add(element)
    document.Laterality = ""
    document.ConversionType = "WSD"
    document.AcquisitionDateTime = ""
    document.BurnedInAnnotation = "YES"
    document.DocumentTitle = report.t("report.title")
    document.ConceptNameCodeSequence = [CodedConcept.from_code(codes.LN.DiagnosticImagingReport)]
    if (film := referenced_film(study)) is not None:
        document.SourceInstanceSequence = [film]
    document.MIMETypeOfEncapsulatedDocument = "application/pdf"
    document.EncapsulatedDocumentLength = len(file)
    document.EncapsulatedDocument = file + b"\0" * (len(file) % 2)
    return document
