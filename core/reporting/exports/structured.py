"""The verdict as a DICOM Structured Report: a Measurement Report by PS3.16 TID 1500."""

from collections.abc import Iterator

from highdicom.sr import (
    AlgorithmIdentification,
    CodedConcept,
    ComprehensiveSR,
    DeviceObserverIdentifyingAttributes,
    LanguageOfContentItemAndDescendants,
    Measurement,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    QualitativeEvaluation,
    RelationshipTypeValues,
    SourceImageForMeasurementGroup,
    TextContentItem,
    TrackingIdentifier,
)
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import generate_uid

from core.data.labels import Population, Verdict
from core.reporting.captions.verdict import called_words, site_words, worth_words
from core.reporting.exports.capture import MANUFACTURER, new_instance
from core.reporting.exports.dicom_study import referenced_film
from core.reporting.exports.report import Report

SCHEME = "99PNEUMONIAROOM"
"""Designator of the codes that no standard has."""

PROBABILITY = CodedConcept("probability", SCHEME, "Probability of pneumonia")
THRESHOLD = CodedConcept("threshold", SCHEME, "Operating point")
REVIEW_LOW = CodedConcept("review_low", SCHEME, "Review band, from")
REVIEW_HIGH = CodedConcept("review_high", SCHEME, "Review band, to under")
VERDICT = CodedConcept("verdict", SCHEME, "Verdict of the algorithm")
AGREES = CodedConcept("agrees", SCHEME, "Reader agrees with the verdict")
NOTE = CodedConcept("note", SCHEME, "Reader's note")
VERDICTS = {
    Verdict.NORMAL: CodedConcept("17621005", "SCT", "Normal"),
    Verdict.PNEUMONIA: CodedConcept("233604007", "SCT", "Pneumonia"),
    Verdict.REVIEW: CodedConcept("review", SCHEME, "Review by a radiologist"),
}
POPULATION = CodedConcept("population", SCHEME, "Whose film it is, by picture and age")
POPULATIONS = {
    Population.CHILD: CodedConcept("child", SCHEME, "Child of one to five years"),
    Population.ADULT: CodedConcept("133936004", "SCT", "Adult"),
    Population.NEITHER: CodedConcept("neither", SCHEME, "Neither for certain"),
}
CHEST_FILM = CodedConcept("399208008", "SCT", "Plain chest X-ray")
LANGUAGES = {
    "en": CodedConcept("en", "RFC5646", "English"),
    "ko": CodedConcept("ko", "RFC5646", "Korean"),
}


def structured_report(
    report: Report, study: Dataset, capture: Dataset, series_number: int
) -> ComprehensiveSR:
    """The verdict, by which algorithm, and what the reader says of it, in a study.

    Args:
        report: What is told.
        study: Patient and study, and the film's own UIDs where it may be referenced.
        capture: The Secondary Capture of the same study.
        series_number: Of the new series.
    """
    film = study if referenced_film(study) is not None else capture
    content = MeasurementReport(
        observation_context=ObservationContext(observer_device_context=_observer(report)),
        procedure_reported=CHEST_FILM,
        imaging_measurements=[_measurements(report, film)],
        title=codes.DCM.ImagingMeasurementReport,
        language_of_content_item_and_descendants=LanguageOfContentItemAndDescendants(
            LANGUAGES[report.language]
        ),
        referenced_images=[capture],
    )
    document = ComprehensiveSR(
        # The capture is first: of what is first, highdicom has to know the SOP class.
        evidence=[capture, film] if film is not capture else [capture],
        content=content[0],
        is_complete=True,
        **new_instance(report, series_number),
    )
    scheme = Dataset()
    scheme.CodingSchemeDesignator = SCHEME
    scheme.CodingSchemeName = MANUFACTURER
    document.CodingSchemeIdentificationSequence = [scheme]
    return document


def _observer(report: Report) -> ObserverContext:
    """The program; who reads with it is not known."""
    return ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=DeviceObserverIdentifyingAttributes(
            uid=generate_uid(entropy_srcs=[MANUFACTURER, report.card.sha256]),
            name=MANUFACTURER,
            manufacturer_name=MANUFACTURER,
            model_name=report.card.name,
        ),
    )


def _measurements(report: Report, film: Dataset) -> MeasurementsAndQualitativeEvaluations:
    diagnosis, agrees = report.reading.diagnosis, report.reading.opinion.agrees
    shares = {
        PROBABILITY: diagnosis.probability,
        THRESHOLD: diagnosis.threshold,
        REVIEW_LOW: diagnosis.review[0],
        REVIEW_HIGH: diagnosis.review[1],
    }
    evaluations = [QualitativeEvaluation(VERDICT, VERDICTS[diagnosis.verdict])]
    if diagnosis.population:
        whose = POPULATIONS[diagnosis.population.population]
        evaluations.append(QualitativeEvaluation(POPULATION, whose))
    if agrees is not None:
        answer = codes.SCT.Yes if agrees else codes.SCT.No
        evaluations.append(QualitativeEvaluation(AGREES, answer))
    group = MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(generate_uid(prefix=None), report.model),
        algorithm_id=_algorithm(report),
        measurements=[
            Measurement(name, round(100 * share, 4), codes.UCUM.Percent)
            for name, share in shares.items()
        ],
        qualitative_evaluations=evaluations,
        source_images=[
            SourceImageForMeasurementGroup(film.SOPClassUID, film.SOPInstanceUID),
        ],
    )
    group[0].ContentSequence.extend(_texts(report))
    return group


def _algorithm(report: Report) -> AlgorithmIdentification:
    reading = report.reading
    return AlgorithmIdentification(
        name=report.card.name,
        version=report.card.version,
        manufacturer=MANUFACTURER,
        parameters=[
            f"film sha256 {reading.film.sha256}",
            f"weights sha256 {reading.diagnosis.weights_sha256}",
            f"settings sha256 {reading.diagnosis.settings_sha256}",
        ],
    )


def _texts(report: Report) -> Iterator[TextContentItem]:
    """In words: what it is not for, what it means, the warnings, and the reader's note."""
    reading, language = report.reading, report.language
    diagnosis = reading.diagnosis
    comments = [
        report.t("diagnosis.not_for"),
        called_words(diagnosis.verdict, diagnosis.review, language, diagnosis.reasons),
        worth_words(diagnosis, report.card.name, language),
        *(notice.message(language) for notice in reading.notices),
        *filter(None, [site_words(diagnosis, language), report.left_out]),
    ]
    texts = [(codes.DCM.Comment, comment) for comment in comments]
    if note := reading.opinion.note.strip():
        texts.append((NOTE, note))
    for name, words in texts:
        yield TextContentItem(name, words, RelationshipTypeValues.CONTAINS)
