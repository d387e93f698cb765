"""The heat that a reader sees over a film."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.imaging.placing import WHOLE, Box, placed
from core.inference.lungs import LungsMap
from core.models.weights import GRAD_CAM

Floats = NDArray[np.float32]
_GRID_PX = 224


@dataclass(frozen=True, slots=True)
class Heatmap:
    """Evidence for pneumonia over the film.

    Args:
        evidence: (h, w), float32, at least 0, at the network's own resolution. That of ``cam`` is
            in logits per whole lung area: what would be added to the logit of pneumonia if all of
            the lungs looked like this place, so that it does not depend on how large lungs are;
            Grad-CAM's is in logits: how much each place adds.
        full_heat: The evidence drawn as full heat, the same for every film of a model and a
            method, so that a calm film looks calm.
        method: Name of the method that made it, one of ``explanation_methods.METHODS``.
        box: The part of the film that the map covers; nothing outside it was read.
        lungs: Where the lungs are, if only what lies in them counts: heat ends at their edge, and
            where the edge is in doubt it is cooler.
    """

    evidence: Floats
    full_heat: float
    method: str = GRAD_CAM
    box: Box = WHOLE
    lungs: LungsMap | None = None

    def __post_init__(self) -> None:
        if self.evidence.ndim != 2:
            raise ValueError(f"evidence must have shape (h, w), not {self.evidence.shape}")
        if self.full_heat <= 0:
            raise ValueError(f"full_heat must be positive, not {self.full_heat}")

    @property
    def heat_01(self) -> Floats:
        """(h, w), float32: evidence as a share of full heat, clipped to [0, 1]."""
        heat: Floats = np.clip(self.evidence / self.full_heat, 0, 1).astype(np.float32)
        return heat

    def over(self, height_px: int, width_px: int) -> Floats:
        """The heat at a film's own size: (height_px, width_px), float32, in [0, 1]."""
        if self.lungs is None:
            return np.clip(placed(self.heat_01, self.box, height_px, width_px), 0, 1)
        heat = placed(self.heat_01, self.box, height_px, width_px, "bilinear")
        return heat * self.lungs.weights(height_px, width_px)

    @property
    def counts(self) -> Floats:
        """(h, w), float32, in [0, 1]: how much of each place counts, being lung."""
        if self.lungs is None:
            return np.ones_like(self.evidence)
        return self.lungs.shares(self.box, *self.evidence.shape)

    @property
    def hottest(self) -> float:
        """The hottest place that is drawn, as a share of full heat, 0 to 1."""
        if self.lungs is None:
            return float(self.heat_01.max())
        return float(self.over(_GRID_PX, _GRID_PX).max())


def share_inside(heatmap: Heatmap, lungs: NDArray[np.bool_]) -> float:
    """The share of a heatmap's heat that lies in the lungs.

    Args:
        heatmap: Of a film.
        lungs: (H, W), true is lung: of the same film, at any size.

    Returns:
        0 to 1; 1 where there is no heat.
    """
    heat = heatmap.over(*lungs.shape).astype(np.float64)
    total = float(heat.sum())
    return min(float(heat.sum(where=lungs)) / total, 1.0) if total > 0 else 1.0
