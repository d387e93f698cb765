"""A diagnosis: what a model says of one film."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.labels import Label, Verdict
from core.imaging import AS_READ, Film, Notice, Orientation
from core.inference.heatmap import Heatmap, share_inside
from core.inference.lungs import LungsMap
from core.inference.population import PopulationReading
from core.models import ModelCard
from core.models.site import SiteProfile

_GRID_PX = 224


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A model's verdict on one film, bound to the film and the weights that it came from.

    Args:
        verdict: What the reader is told: a class, or review.
        label: The class at the operating point alone, as test figures count it.
        probability: Of pneumonia, calibrated, 0 to 1.
        threshold: The operating point.
        review: The band of probabilities, from the first to under the second, that is for review.
        heatmap: Evidence for pneumonia, by the card's method or what the reader chose in its place.
        film_sha256: Of the file that was read.
        weights_sha256: Of the weights that read it.
        temperature: By which the logit was divided.
        lungs_map: Where the lungs are, small enough to keep.
        segmenter_sha256: Of the weights that found them.
        size_px: The film's rows and columns.
        reasons: Why there is no plain verdict, whatever the probability.
        population: Whose film it is; None where that was not asked.
        told: What else the reader should be told of how the lungs lie in the film.
        orientation: How the film was turned by hand before it was read.
        film: The film that was read; None where only the diagnosis is kept.
        site: The site's profile in use, be it for this model or for another.
    """

    verdict: Verdict
    label: Label
    probability: float
    threshold: float
    review: tuple[float, float]
    heatmap: Heatmap
    film_sha256: str
    weights_sha256: str
    temperature: float
    lungs_map: LungsMap = field(repr=False, compare=False)
    segmenter_sha256: str
    size_px: tuple[int, int]
    reasons: tuple[Notice, ...] = ()
    population: PopulationReading | None = None
    told: tuple[Notice, ...] = ()
    orientation: Orientation = AS_READ
    film: Film | None = field(default=None, repr=False, compare=False)
    site: SiteProfile | None = field(default=None, repr=False)

    def is_of(self, film: Film) -> bool:
        """Whether this film was read, turned as it is now."""
        read = (self.film_sha256, self.orientation)
        return read == (film.sha256, film.facts.orientation)

    def without_film(self) -> "Diagnosis":
        """The diagnosis alone, which is small enough to keep."""
        return replace(self, film=None)

    @property
    def set_by(self) -> SiteProfile | None:
        """The profile that set operating point, band and temperature; None where the card did."""
        site = self.site
        return site if site and site.weights_sha256 == self.weights_sha256 else None

    @property
    def site_notice(self) -> Notice | None:
        """Whose operating point it is, where a site's profile is in use."""
        if self.site is None:
            return None
        kind = "set" if self.set_by else "other"
        details = {"site": self.site.site, "films": self.site.films, "model": self.site.model}
        return Notice(f"diagnosis.site.{kind}", details)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """All that the reader should be told, why there is no plain verdict first."""
        return (*self.reasons, *self.told)

    @property
    def lungs_found(self) -> bool:
        """Whether there are lungs; without them there is no verdict."""
        return self.lungs_map.found

    @property
    def lungs(self) -> NDArray[np.bool_]:
        """Where the lungs are, at the film's own size: (H, W), true is lung."""
        return self.lungs_map.over(*self.size_px)

    @property
    def heat_in_lungs(self) -> float:
        """The share of all heat that lies inside the lungs, 0 to 1; 1 where there is no heat."""
        return share_inside(self.heatmap, self.lungs_map.over(_GRID_PX, _GRID_PX))

    @property
    def is_hottest_outside_lungs(self) -> bool:
        """Whether the hottest place that is drawn lies outside the lungs."""
        heat = self.heatmap.over(_GRID_PX, _GRID_PX)
        lungs = self.lungs_map.over(_GRID_PX, _GRID_PX)
        return bool(self.lungs_found and heat.max() > 0 and not lungs.flat[heat.argmax()])

    def overlay(self) -> NDArray[np.uint8]:
        """The film with its heatmap over it, at the film's own size.

        Returns:
            (H, W, 3), uint8, RGB.

        Raises:
            ValueError: The film was not kept.
        """
        from core.inference.overlay import OPACITY, overlay_picture  # Plotly, only to draw

        if self.film is None:
            raise ValueError("this diagnosis was kept without its film")
        return overlay_picture(self.film.pixels, self.heatmap, OPACITY)

    @property
    def settings(self) -> dict[str, Any]:
        """What it rests on beyond the film and the weights."""
        return {
            "temperature": self.temperature,
            "threshold": self.threshold,
            "review": self.review,
            "method": self.heatmap.method,
            "full_heat": self.heatmap.full_heat,
            "segmenter": self.segmenter_sha256,
            "population": self.population.weights_sha256 if self.population else None,
            "orientation": self.orientation.names,
            **({"site": self.set_by.sha256} if self.set_by else {}),
        }

    @property
    def settings_sha256(self) -> str:
        """Of the settings: where any of them changes, it changes."""
        return hashlib.sha256(json.dumps(self.settings, sort_keys=True).encode()).hexdigest()


def label_at(probability: float, threshold: float) -> Label:
    """The class at an operating point: pneumonia at or over the threshold."""
    return Label.PNEUMONIA if probability >= threshold else Label.NORMAL


def verdict_of(probability: float, card: ModelCard, reasons: tuple[Notice, ...] = ()) -> Verdict:
    """What a reader is told of a probability.

    Args:
        probability: Of pneumonia, calibrated, 0 to 1.
        card: The model's; inside its band the verdict is review.
        reasons: Why it is review whatever the probability, if anything is.
    """
    if reasons or card.review_low <= probability < card.review_high:
        return Verdict.REVIEW
    return Verdict(label_at(probability, card.threshold))
