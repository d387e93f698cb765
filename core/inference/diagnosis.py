"""A diagnosis: what a model says of one film."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.labels import Label, Verdict
from core.imaging import AS_READ, Film, Orientation
from core.inference.explanations import Heatmap
from core.models import ModelCard


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A model's verdict on one film, bound to the film and the weights that it came from.

    Args:
        verdict: What the reader is told: a class, or review.
        label: The class at the operating point alone, as test figures count it.
        probability: Of pneumonia, calibrated, 0 to 1.
        threshold: The operating point.
        review: The band of probabilities, from the first to under the second, that is for review.
        heatmap: Evidence for pneumonia: Grad-CAM, or what the reader chose in its place.
        film_sha256: Of the file that was read.
        weights_sha256: Of the weights that read it.
        temperature: By which the logit was divided.
        orientation: How the film was turned by hand before it was read.
        film: The film that was read; None where only the diagnosis is kept.
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
    orientation: Orientation = AS_READ
    film: Film | None = field(default=None, repr=False, compare=False)

    def is_of(self, film: Film) -> bool:
        """Whether this film was read, turned as it is now."""
        read = (self.film_sha256, self.orientation)
        return read == (film.sha256, film.facts.orientation)

    def without_film(self) -> "Diagnosis":
        """The diagnosis alone, which is small enough to keep."""
        return replace(self, film=None)

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
            "orientation": self.orientation.names,
        }

    @property
    def settings_sha256(self) -> str:
        """Of the settings: where any of them changes, it changes."""
        return hashlib.sha256(json.dumps(self.settings, sort_keys=True).encode()).hexdigest()


def label_at(probability: float, threshold: float) -> Label:
    """The class at an operating point: pneumonia at or over the threshold."""
    return Label.PNEUMONIA if probability >= threshold else Label.NORMAL


def verdict_of(probability: float, card: ModelCard) -> Verdict:
    """What a reader is told of a probability: review inside the card's band, else the class."""
    if card.review_low <= probability < card.review_high:
        return Verdict.REVIEW
    return Verdict(label_at(probability, card.threshold))
