"""A shipped model at work: films in, logits, heatmaps and diagnoses out."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.imaging import Film
from core.inference.diagnosis import Diagnosis, label_at, verdict_of
from core.inference.evidence import evidence_by, read_logits, read_with_evidence
from core.inference.explanation_methods import METHODS, Method, Progress, methods_for, silent
from core.inference.heatmap import Heatmap
from core.inference.loaded import Loaded
from core.inference.lungs import Located, Segmenter, image_of, lungs_map, shared_segmenter
from core.inference.lungs_checks import what_to_tell
from core.inference.population import whose, why_no_verdict
from core.messages.errors import WeightsDamaged
from core.metrics.logits import sigmoid
from core.models import ModelCard, Network, load_card, load_networks
from core.models.site import SiteProfile, profile_in_use
from core.models.weights import DEFAULT_MODEL, WEIGHTS_FOLDER
from core.results.model_records import Scale


class Diagnostician:
    """A shipped model, ready to read films. Safe to share between threads: nothing in it changes.

    Args:
        card: The model's card.
        networks: Its network, or those of its members, in evaluation mode and without gradients.
        segmenter: Finds the lungs, once for all networks; the shipped one if None.
        site: A site's profile, whose settings take the place of the card's if it is for this model.

    Raises:
        WeightsError: The shipped segmenter's weights cannot be trusted; or the card asks for a
            heatmap that its networks cannot give; or the profile is for other weights of it.
    """

    def __init__(
        self,
        card: ModelCard,
        networks: Sequence[Network],
        segmenter: Segmenter | None = None,
        site: SiteProfile | None = None,
    ) -> None:
        self.card = site.set_on(card) if site else card
        self.site = site
        self.networks = tuple(networks)
        self.segmenter = segmenter or shared_segmenter()
        self.method = METHODS[card.heat_method]
        if self.method not in methods_for(self.networks):
            raise WeightsDamaged(file=f"{card.name}.json")

    @classmethod
    def load(
        cls,
        name: str = DEFAULT_MODEL,
        folder: Path = WEIGHTS_FOLDER,
        site: SiteProfile | None = None,
    ) -> "Diagnostician":
        """Load and verify a shipped model.

        Args:
            name: The model's name.
            folder: Where it ships.
            site: A site's profile, if it reads with one.

        Raises:
            WeightsError: The model is unknown, its weights are missing or damaged, or the profile
                is for other weights of it.
        """
        card = load_card(name, folder)
        return cls(card, load_networks(card, folder), site=site)

    @property
    def scale(self) -> Scale:
        """Of the default heatmap, which the card keeps."""
        return Scale(self.card.cam_scale, (1.0,) * len(self.networks), 0)

    def locate(self, film: Film) -> Located:
        """A film squashed, with its lungs, as everything here reads it."""
        return self.segmenter.locate([image_of(film)])

    def diagnose(self, film: Film) -> Diagnosis:
        """Read one film: the lungs once, and one pass each way through every network."""
        located = self.locate(film)
        logit, evidence, box = read_with_evidence(self.networks, located, self.method.name)
        probability = float(sigmoid(np.float32(logit) / np.float32(self.card.temperature)))
        lungs = lungs_map(located)
        population = whose(film, located)
        reasons = why_no_verdict(population, lungs)
        return Diagnosis(
            verdict=verdict_of(probability, self.card, reasons),
            label=label_at(probability, self.card.threshold),
            probability=probability,
            threshold=self.card.threshold,
            review=(self.card.review_low, self.card.review_high),
            heatmap=Heatmap(
                evidence,
                self.card.cam_scale,
                self.method.name,
                box,
                lungs if self.method.is_over_lungs else None,
            ),
            film_sha256=film.sha256,
            weights_sha256=self.card.sha256,
            temperature=self.card.temperature,
            orientation=film.facts.orientation,
            film=film,
            lungs_map=lungs,
            segmenter_sha256=self.segmenter.card.sha256,
            size_px=film.pixels.shape,
            reasons=reasons,
            population=population,
            told=what_to_tell(lungs),
            site=self.site,
        )

    def heatmap(
        self, film: Film, method: Method, scale: Scale, progress: Progress = silent
    ) -> Heatmap:
        """Explain the score of one film by a method of the reader's choice.

        Args:
            film: The film.
            method: How, one of ``core.inference.explanation_methods.methods_for`` the networks.
            scale: Of this model and that method.
            progress: Is told how far it is, 0 to 1.
        """
        return self.explain(self.locate(film), method, scale, progress)

    def explain(
        self, located: Located, method: Method, scale: Scale, progress: Progress = silent
    ) -> Heatmap:
        """The same of one film whose lungs have been found."""
        evidence, box = evidence_by(self.networks, located, method, scale.divisors, progress)
        lungs = lungs_map(located) if method.is_over_lungs else None
        return Heatmap(evidence, scale.full_heat, method.name, box, lungs)

    def logits(
        self, images: Iterable[Tensor], proportions: Iterable[float] = ()
    ) -> NDArray[np.float32]:
        """The calibrated logit of pneumonia of many films, to the last digit that of each alone.

        Args:
            images: Each (1, H, W), float32, in [0, 1], of any size; taken one by one, so they may
                be read as they are needed.
            proportions: Width over height of each film, where it was squashed before.

        Returns:
            (N,), float32.
        """
        return self.logits_of(self.segmenter.each(images, proportions))

    def logits_of(self, films: Iterable[Located]) -> NDArray[np.float32]:
        """The same of films whose lungs have been found, one each: (N,), float32."""
        return read_logits(self.networks, films) / np.float32(self.card.temperature)


_loaded = Loaded(lambda name: Diagnostician.load(name, site=profile_in_use()))


def shared_diagnostician(name: str = DEFAULT_MODEL) -> Diagnostician:
    """A shipped model at this site, loaded once for all sessions, and again when its files change.

    Raises:
        WeightsError: The model is unknown, its weights are missing or damaged, or the site's
            profile cannot be used.
    """
    return _loaded(name)
