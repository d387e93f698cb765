"""The probability on its gauge of three zones, as the page draws it, for paper."""

from dataclasses import dataclass

from reportlab.lib.colors import HexColor, white
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable

from core.data.labels import Verdict
from core.reporting.charts.style import VERDICT_COLOURS
from core.reporting.exports.lettering import INK, QUIET, REGULAR

_BAR_PT, _TICK_PT, _NAME_PT = 9, 3, 8
_NAMES_PT = 12
"""Height of the row of names, clear of the tick."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands on the gauge.

    Args:
        probability: Of pneumonia, 0 to 1: the tick.
        review: The review band, 0 to 1; both ends are the operating point where it is empty.
        names: Of the zones, from left to right; that of an empty band is empty.
    """

    probability: float
    review: tuple[float, float]
    names: tuple[str, str, str]


class Scale(Flowable):  # type: ignore[misc]
    """Three zones from 0 to 100 % with a tick at the probability, and their names below.

    Args:
        marks: What stands on it.
    """

    def __init__(self, marks: Marks) -> None:
        super().__init__()
        self.marks = marks

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """As wide as there is room; the height of the tick and a row of names."""
        self.width, self.height = width, _BAR_PT + 2 * _TICK_PT + _NAMES_PT
        return self.width, self.height

    def draw(self) -> None:
        """Draw it on the flowable's canvas."""
        low, high = self.marks.review
        bottom = _NAMES_PT + _TICK_PT
        zones = (
            (0, low, Verdict.NORMAL),
            (low, high, Verdict.REVIEW),
            (high, 1, Verdict.PNEUMONIA),
        )
        for start, end, verdict in zones:
            self.canv.setFillColor(HexColor(VERDICT_COLOURS[verdict]))
            width = (end - start) * self.width
            self.canv.rect(start * self.width, bottom, width, _BAR_PT, stroke=0, fill=1)
        self._tick(bottom)
        normal, review, pneumonia = self.marks.names
        self.canv.setFont(REGULAR, _NAME_PT)
        self.canv.setFillColor(QUIET)
        self.canv.drawString(0, 1, normal)
        self.canv.drawRightString(self.width, 1, pneumonia)
        edges = [stringWidth(name, REGULAR, _NAME_PT) + 6 for name in (normal, pneumonia)]
        half = stringWidth(review, REGULAR, _NAME_PT) / 2
        centre = min(
            max((low + high) / 2 * self.width, edges[0] + half), self.width - edges[1] - half
        )
        self.canv.drawCentredString(centre, 1, review)

    def _tick(self, bottom: float) -> None:
        place = min(max(self.marks.probability * self.width, 1.5), self.width - 1.5)
        self.canv.setFillColor(INK)
        self.canv.setStrokeColor(white)
        self.canv.setLineWidth(0.8)
        self.canv.rect(place - 1.5, bottom - _TICK_PT, 3, _BAR_PT + 2 * _TICK_PT, stroke=1, fill=1)
