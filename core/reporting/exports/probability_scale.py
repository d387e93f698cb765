"""The probability on its scale, as the page draws it, for paper."""

from dataclasses import dataclass

from reportlab.lib.colors import Color, HexColor, white
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable

from core.reporting.exports.lettering import ACCENT, INK, QUIET, REGULAR

_TRACK, _BAND = HexColor("#dde4e6"), HexColor("#d5d5f2")
_BAND_EDGE = HexColor("#6a6ac4")
_BAR_PT, _ROW_PT, _LABEL_PT = 9, 11, 7.5


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands on the scale.

    Args:
        probability: Of pneumonia, 0 to 1.
        threshold: The operating point, 0 to 1.
        threshold_name: Its name and value.
        review: The review band, 0 to 1; empty where both ends are the same.
        review_name: Its name and edges.
    """

    probability: float
    threshold: float
    threshold_name: str
    review: tuple[float, float]
    review_name: str


class Scale(Flowable):  # type: ignore[misc]
    """A bar from 0 to 100 % filled up to the probability, with a line and a band over it.

    Args:
        marks: What stands on it.
    """

    def __init__(self, marks: Marks) -> None:
        super().__init__()
        self.marks = marks

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """As wide as there is room; the height of a bar and three rows of names."""
        self.width, self.height = width, _BAR_PT + 3 * _ROW_PT + 12
        return self.width, self.height

    def draw(self) -> None:
        """Draw it on the flowable's canvas."""
        marks, bottom = self.marks, _ROW_PT + 4
        low, high = marks.review
        if low < high:
            self._bar(low, high, bottom, _BAND, over=4)
        self._bar(0, 1, bottom, _TRACK)
        self._bar(0, marks.probability, bottom, ACCENT)
        if low < high:
            self._outline(low, high, bottom)
        self._line(marks.threshold, bottom - 4, bottom + _BAR_PT + 6 + _ROW_PT, INK)
        self._line(marks.threshold, bottom, bottom + _BAR_PT, white)
        top = bottom + _BAR_PT + 7
        if low < high:
            self._name((low + high) / 2, top, marks.review_name, _BAND_EDGE)
        self._name(marks.threshold, top + _ROW_PT, marks.threshold_name, INK)
        for place in (0, 0.25, 0.5, 0.75, 1):
            self._name(place, 0, f"{place:.0%}", QUIET)

    def _bar(self, start: float, end: float, bottom: float, colour: Color, over: float = 0) -> None:
        """A filled stretch of the scale; ``over`` says by how much it is higher and lower."""
        self.canv.setFillColor(colour)
        width, height = (end - start) * self.width, _BAR_PT + 2 * over
        self.canv.rect(start * self.width, bottom - over, width, height, stroke=0, fill=1)

    def _outline(self, low: float, high: float, bottom: float) -> None:
        """The review band's edges, so that it is seen where the bar covers it."""
        self.canv.setStrokeColor(_BAND_EDGE)
        self.canv.setLineWidth(0.8)
        width = (high - low) * self.width
        self.canv.rect(low * self.width, bottom - 4, width, _BAR_PT + 8, stroke=1, fill=0)

    def _line(self, place: float, bottom: float, top: float, colour: Color) -> None:
        self.canv.saveState()
        self.canv.setStrokeColor(colour)
        self.canv.setLineWidth(1)
        self.canv.setDash(2, 1.5)
        self.canv.line(place * self.width, bottom, place * self.width, top)
        self.canv.restoreState()

    def _name(self, place: float, height: float, name: str, colour: Color) -> None:
        """Write a name centred over a place, but inside the page."""
        half = stringWidth(name, REGULAR, _LABEL_PT) / 2
        centre = min(max(place * self.width, half), self.width - half)
        self.canv.setFont(REGULAR, _LABEL_PT)
        self.canv.setFillColor(colour)
        self.canv.drawCentredString(centre, height, name)
