"""The verdict as a DICOM Structured Report: a Measurement Report by PS3.16 TID 1500."""

from collections.abc import Iterator

from highdicom.sr import (
    AlgorithmIdentification,
    CodedConcept,
    ComprehensiveSR,
    DeviceObserverIdentifyingAttributes,
    FindingSite,
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
from core.imaging.no_film import MAKER
from core.reporting.captions.verdict import called_words, site_words, worth_words
from core.reporting.exports.capture import new_instance
from core.reporting.exports.dicom_study import referenced_film
from core.reporting.exports.report import Report
from core.reporting.numbers import percent

SCHEME = "99PNEUMONIAROOM"
"""Designator of the codes that no standard has."""

PNEUMONIA = CodedConcept("233604007", "SCT", "Pneumonia")
PRESENCES = {  # CID 240, Present-Absent
    Verdict.NORMAL: codes.SCT.Absent,
    Verdict.PNEUMONIA: codes.SCT.Present,
    Verdict.REVIEW: codes.SCT.Undetermined,
}
THRESHOLD = CodedConcept("threshold", SCHEME, "Operating point, as a probability")
REVIEW_LOW = CodedConcept("review_low", SCHEME, "Review band, from")
REVIEW_HIGH = CodedConcept("review_high", SCHEME, "Review band, to under")
AGREES = CodedConcept("agrees", SCHEME, "Reader agrees with the verdict")
NOTE = CodedConcept("note", SCHEME, "Reader's note")
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
        imaging_measurements=[_group(report, film)],
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
    scheme.CodingSchemeName = MAKER
    document.CodingSchemeIdentificationSequence = [scheme]
    return document


def _observer(report: Report) -> ObserverContext:
    """The program; who reads with it is not known."""
    return ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=DeviceObserverIdentifyingAttributes(
            uid=generate_uid(entropy_srcs=[MAKER, report.card.sha256]),
            name=MAKER,
            manufacturer_name=MAKER,
            model_name=report.card.name,
        ),
    )


def _group(report: Report, film: Dataset) -> MeasurementsAndQualitativeEvaluations:
    """All that is told of one film (TID 1501)."""
    group = MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(generate_uid(prefix=None), report.model),
        finding_type=PNEUMONIA,
        finding_sites=[FindingSite(codes.SCT.Lung)],
        algorithm_id=_algorithm(report),
        measurements=[*_shares(report), *_operating_point(report)],
        qualitative_evaluations=list(_evaluations(report)),
        source_images=[
            SourceImageForMeasurementGroup(film.SOPClassUID, film.SOPInstanceUID),
        ],
    )
    group[0].ContentSequence.extend(_texts(report))
    return group


def _shares(report: Report) -> Iterator[Measurement]:
    """Probability, operating point and review band, in percent."""
    diagnosis = report.reading.diagnosis
    shares = {codes.DCM.Probability: diagnosis.probability}
    if diagnosis.verdict is Verdict.PNEUMONIA:  # of an absent finding it could be read either way
        shares[codes.DCM.CertaintyOfFinding] = diagnosis.probability
    shares[THRESHOLD] = diagnosis.threshold
    shares[REVIEW_LOW], shares[REVIEW_HIGH] = diagnosis.review
    for name, share in shares.items():
        yield Measurement(name, round(100 * share, 4), codes.UCUM.Percent)


def _operating_point(report: Report) -> Iterator[Measurement]:
    """The number of the operating point, of which the model has one: numbers begin with 0."""
    for name in (codes.DCM.CADOperatingPoint, codes.DCM.MaximumCADOperatingPoint):
        yield Measurement(name, 0, codes.UCUM.NoUnits)


def _evaluations(report: Report) -> Iterator[QualitativeEvaluation]:
    """Whether there is pneumonia, whose film it is, and whether the reader agrees."""
    diagnosis, agrees = report.reading.diagnosis, report.reading.opinion.agrees
    yield QualitativeEvaluation(PNEUMONIA, PRESENCES[diagnosis.verdict])
    if diagnosis.population:
        yield QualitativeEvaluation(POPULATION, POPULATIONS[diagnosis.population.population])
    if agrees is not None:
        yield QualitativeEvaluation(AGREES, codes.SCT.Yes if agrees else codes.SCT.No)


def _algorithm(report: Report) -> AlgorithmIdentification:
    """By what the film was read (TID 4019)."""
    reading = report.reading
    return AlgorithmIdentification(
        name=report.card.name,
        version=report.card.version,
        manufacturer=MAKER,
        family=codes.DCM.ArtificialIntelligence,
        parameters=[
            f"film sha256 {reading.film.sha256}",
            f"weights sha256 {reading.diagnosis.weights_sha256}",
            f"settings sha256 {reading.diagnosis.settings_sha256}",
            f"operating point {reading.diagnosis.threshold:.4g}",
        ],
    )


def _texts(report: Report) -> Iterator[TextContentItem]:
    """In words: operating point, what it is not for, what it means, warnings, reader's note."""
    reading, language = report.reading, report.language
    diagnosis = reading.diagnosis
    comments = [
        report.t("diagnosis.not_for"),
        called_words(diagnosis.verdict, diagnosis.review, language, diagnosis.reasons),
        worth_words(diagnosis, report.card.name, language),
        *(notice.message(language) for notice in reading.notices),
        *filter(None, [site_words(diagnosis, language), report.left_out]),
    ]
    point = report.t("report.archive.point", percent=percent(diagnosis.threshold, language))
    texts = [(codes.DCM.CADOperatingPointDescription, point)]
    texts += [(codes.DCM.Comment, comment) for comment in comments]
    if note := reading.opinion.note.strip():
        texts.append((NOTE, note))
    for name, words in texts:
        yield TextContentItem(name, words, RelationshipTypeValues.CONTAINS)
