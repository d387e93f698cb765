"""Window and level: the part of a film's greys that a screen spends its contrast on.

For looking only: the networks read the film itself.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

_SAMPLES = 250_000
"""Pixels enough for percentiles; more of them take time and change nothing."""


class Preset(StrEnum):
    """Ways to set window and level that readers know by name."""

    FULL = "full"
    AUTOMATIC = "automatic"
    LUNG = "lung"
    MEDIASTINUM = "mediastinum"
    SOFT = "soft"
    HARD = "hard"


PERCENTILES = {
    Preset.AUTOMATIC: (1.0, 99.0),
    Preset.LUNG: (1.0, 65.0),
    Preset.MEDIASTINUM: (35.0, 99.5),
}
"""Each spends the contrast between two percentiles of the film's own greys."""

WIDTHS = {Preset.SOFT: 1.6, Preset.HARD: 0.5}
"""Each is as wide as so many automatic windows, about the same centre."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is drawn from black to white, in percent of the film's own range.

    Args:
        centre: The grey drawn halfway, 0 to 100.
        width: From black to white, 1 to 200.
    """

    centre: int
    width: int

    def __post_init__(self) -> None:
        if not (0 <= self.centre <= 100 and 1 <= self.width <= 200):
            raise ValueError(f"centre and width must lie in 0 to 100 and 1 to 200, not {self}")

    @property
    def low_01(self) -> float:
        """The film's grey drawn black, where the film's range is 0 to 1; may lie outside it."""
        return (self.centre - self.width / 2) / 100

    @property
    def high_01(self) -> float:
        """The film's grey drawn white, where the film's range is 0 to 1; may lie outside it."""
        return (self.centre + self.width / 2) / 100


def preset_windows(pixels: NDArray[np.float32]) -> dict[Preset, Window]:
    """The window that each preset means for a film.

    Those by percentiles leave pure black and pure white out, which are borders, shutters and
    markers.

    Args:
        pixels: (H, W), in [0, 1].
    """
    step = max(1, round((pixels.size / _SAMPLES) ** 0.5))
    sample = pixels[::step, ::step]
    inside = sample[(sample > 0) & (sample < 1)]
    edges = np.percentile(inside if inside.size else sample, list(PERCENTILES.values()))
    windows = {Preset.FULL: Window(50, 100)}
    for preset, (low, high) in zip(PERCENTILES, edges, strict=True):
        windows[preset] = _window(float(low), float(high))
    whole = windows[Preset.AUTOMATIC]
    for preset, width in WIDTHS.items():
        windows[preset] = _window(whole.low_01, whole.high_01, width)
    return windows


def _window(low: float, high: float, wider: float = 1.0) -> Window:
    centre, width = round(50 * (low + high)), round(100 * (high - low) * wider)
    return Window(centre, min(max(width, 1), 200))
