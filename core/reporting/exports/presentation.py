"""Heat and lungs as lines over the film itself: a Grayscale Softcopy Presentation State."""

from collections.abc import Iterable, Iterator

import numpy as np
from highdicom import (
    LUT,
    VOILUT,
    ModalityLUT,
    ModalityLUTTransformation,
    PresentationLUTTransformation,
)
from highdicom.color import CIELabColor
from highdicom.pr import (
    GraphicAnnotation,
    GraphicLayer,
    GraphicObject,
    GrayscaleSoftcopyPresentationState,
    SoftcopyVOILUTTransformation,
    TextObject,
)
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import UID

from core.imaging.grey_display import GreyDisplay, Level, Rescale, grey_display
from core.inference.as_stored import as_stored
from core.inference.overlay import LOWEST_CONTOUR, contour_levels, contour_lines
from core.inference.reading import Reading
from core.reporting.exports.capture import capture_words, new_instance
from core.reporting.exports.dicom_study import referenced_film
from core.reporting.exports.report import Report

HEAT, LUNGS, WORDS = "HEAT", "LUNGS", "WORDS"
COLOURS = {HEAT: "orange", LUNGS: "white", WORDS: "white"}
_FULL_16, _SIGN = 2**16 - 1, 2**15
_WORDS_BOX = (0.01, 0.95, 0.99, 0.99)
"""Left, top, right and bottom, in shares of what is displayed."""


def presentation_state(
    report: Report, study: Dataset, data: bytes, series_number: int
) -> GrayscaleSoftcopyPresentationState | None:
    """The heatmap's contours and the lungs' outline, at the pixels that the film's file stores.

    Args:
        report: What is told.
        study: Patient and study, and the film's own UIDs.
        data: The film's file.
        series_number: Of the new series.

    Returns:
        None where the film has no UIDs to refer to, is of a private class, or is in colour.
    """
    display = grey_display(data, report.reading.film)
    if display is None or not _can_be_referred_to(study):
        return None
    film = _referred_to(study, display)
    layers = {
        name: GraphicLayer(name, place, display_color=CIELabColor.from_string(colour))
        for place, (name, colour) in enumerate(COLOURS.items(), 1)
    }
    state = GrayscaleSoftcopyPresentationState(
        referenced_images=[film],
        device_serial_number=None,  # type: ignore[arg-type]  # there is none
        content_label="PNEUMONIA",
        content_description=report.t("report.archive.series"),
        graphic_layers=list(layers.values()),
        graphic_annotations=list(_annotations(report, film, layers)),
        modality_lut_transformation=_modality(display),
        voi_lut_transformations=[_voi(display)],
        presentation_lut_transformation=PresentationLUTTransformation(
            "INVERSE" if display.inverted else "IDENTITY"
        ),
        **new_instance(report, series_number),
    )
    state.Laterality = ""
    (area,) = state.DisplayedAreaSelectionSequence
    del area.PixelOriginInterpretation  # of slides alone
    area.PresentationPixelAspectRatio = [round(1000 * display.aspect), 1000]
    return state


def _can_be_referred_to(study: Dataset) -> bool:
    """Whether the film's own UIDs are known and its class is one of the standard's."""
    if referenced_film(study) is None:
        return False
    kind = UID(study.SOPClassUID)
    return kind.type == "SOP Class" and not kind.is_retired


def _referred_to(study: Dataset, display: GreyDisplay) -> Dataset:
    """The film, as far as highdicom has to know it."""
    film = Dataset()
    film.update(study)
    film.Rows, film.Columns, film.SamplesPerPixel = display.rows, display.columns, 1
    return film


def _annotations(
    report: Report, film: Dataset, layers: dict[str, GraphicLayer]
) -> Iterator[GraphicAnnotation]:
    """Lines of heat and of lungs where there are any, and always what they are."""
    drawn = {
        HEAT: list(_polylines(_heat_lines(report.reading), report.reading, film)),
        LUNGS: list(_polylines(_lung_lines(report.reading), report.reading, film)),
    }
    for name, lines in drawn.items():
        if lines:
            yield GraphicAnnotation([film], layers[name], graphic_objects=lines)
    words = TextObject(capture_words(report), "DISPLAY", bounding_box=_WORDS_BOX)
    yield GraphicAnnotation([film], layers[WORDS], text_objects=[words])


def _heat_lines(reading: Reading) -> Iterator[NDArray[np.float32]]:
    for level in contour_levels(LOWEST_CONTOUR):
        yield from contour_lines(reading.diagnosis.heatmap, level)


def _lung_lines(reading: Reading) -> list[NDArray[np.float32]]:
    lungs = reading.diagnosis.lungs_map
    return lungs.outline() if lungs.found else []


def _polylines(
    lines: Iterable[NDArray[np.float32]], reading: Reading, film: Dataset
) -> Iterator[GraphicObject]:
    """Lines in shares of the film that was read, as columns and rows of the stored image."""
    size = np.array([film.Columns, film.Rows], np.float64)
    for line in lines:
        if len(line) > 1:
            pixels = np.clip(as_stored(line, reading.film) * size, 0, size).round(2)
            yield GraphicObject("POLYLINE", pixels, "PIXEL")


def _modality(display: GreyDisplay) -> ModalityLUTTransformation:
    modality = display.modality
    if isinstance(modality, Rescale):
        return ModalityLUTTransformation(modality.intercept, modality.slope, "US")
    lut = ModalityLUT("US", 0, modality.entries.astype(np.uint16))
    _begin_at(modality.first, lut)
    return ModalityLUTTransformation(modality_lut=lut)


def _voi(display: GreyDisplay) -> SoftcopyVOILUTTransformation:
    voi = display.voi
    if isinstance(voi, Level):
        return SoftcopyVOILUTTransformation(voi.centre, voi.width, voi_lut_function=voi.function)
    lut = VOILUT(0, (voi.entries / voi.top * _FULL_16).round().astype(np.uint16))
    _begin_at(voi.first, lut)
    return SoftcopyVOILUTTransformation(voi_luts=[lut])


def _begin_at(first: int, lut: LUT) -> None:
    """Let a table begin at a value, which highdicom does not let be under 0."""
    count, _, bits = lut.LUTDescriptor
    if first < 0 and count >= _SIGN:  # the same bits, with a sign
        count -= 2 * _SIGN
    lut.add_new("LUTDescriptor", "SS" if first < 0 else "US", [count, first, bits])
