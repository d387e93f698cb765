"""The report's gauge: three zones, a tick, and names that leave each other alone."""

from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from reportlab.lib.colors import HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from core.data.labels import Verdict
from core.reporting.charts.style import VERDICT_COLOURS
from core.reporting.exports.lettering import REGULAR, load_fonts
from core.reporting.exports.probability_scale import Marks, Scale

NAMES = ("Normal", "Review 8–92 %", "Pneumonia")


class Paper(Canvas):  # type: ignore[misc]
    """A canvas that keeps where names and bars lie."""

    def __init__(self) -> None:
        super().__init__(BytesIO())
        self.names: list[tuple[float, float]] = []
        self.bars: list[tuple[float, float, Any]] = []
        self.colour: Any = None

    def setFillColor(self, colour: Any, alpha: Any = None) -> None:  # noqa: N802
        self.colour = colour
        super().setFillColor(colour, alpha)

    def rect(self, x: float, y: float, width: float, height: float, **how: Any) -> None:
        self.bars.append((x, width, self.colour))
        super().rect(x, y, width, height, **how)

    def drawString(self, x: float, y: float, words: str, **how: Any) -> None:  # noqa: N802
        self._keep(x, words)
        super().drawString(x, y, words, **how)

    def drawRightString(self, x: float, y: float, words: str, **how: Any) -> None:  # noqa: N802
        self._keep(x - stringWidth(words, REGULAR, 8), words)
        super().drawRightString(x, y, words, **how)

    def drawCentredString(self, x: float, y: float, words: str, **how: Any) -> None:  # noqa: N802
        self._keep(x - stringWidth(words, REGULAR, 8) / 2, words)
        super().drawCentredString(x, y, words, **how)

    def _keep(self, start: float, words: str) -> None:
        self.names.append((start, start + stringWidth(words, REGULAR, 8)))


def drawn(probability: float, review: tuple[float, float]) -> Paper:
    load_fonts()
    paper, scale = Paper(), Scale(Marks(probability, review, NAMES))
    scale.wrap(400, 100)
    scale.canv = paper
    scale.draw()
    return paper


@pytest.mark.parametrize("review", [(0.08, 0.92), (0.01, 0.05), (0.95, 0.99), (0.5, 0.5)])
@pytest.mark.parametrize("probability", [0.0, 0.5, 1.0])
def test_no_name_touches_another_or_leaves_the_gauge(
    probability: float, review: tuple[float, float]
) -> None:
    places = sorted(drawn(probability, review).names)
    assert places[0][0] >= 0
    assert places[-1][1] <= 400
    assert all(left[1] < right[0] for left, right in pairwise(places))


def test_the_zones_have_the_colours_of_the_page_and_the_tick_lies_inside() -> None:
    *zones, tick = drawn(1.0, (0.25, 0.75)).bars
    assert [(x, width) for x, width, _ in zones] == [(0, 100), (100, 200), (300, 100)]
    order = (Verdict.NORMAL, Verdict.REVIEW, Verdict.PNEUMONIA)
    assert [colour for *_, colour in zones] == [HexColor(VERDICT_COLOURS[each]) for each in order]
    assert tick[0] >= 0
    assert tick[0] + tick[1] <= 400
