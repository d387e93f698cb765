"""For whom: is this film of a child of one to five years, of an adult, or of neither?

The picture is asked, and the age that the file tells. A film that is outside what the classifiers
learned gets no plain verdict; why, it says in one line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from core.data.labels import Population
from core.imaging import Film, Notice
from core.imaging.subject import END_AGE_YEARS, MIN_AGE_YEARS
from core.inference.gate import gate_in_use
from core.inference.loaded import Loaded
from core.inference.lungs import Located, LungsMap, Segmenter, shared_segmenter
from core.inference.lungs_checks import no_verdict_without
from core.messages.errors import WeightsMismatch
from core.models.lungs import FoundLungs
from core.models.population import PopulationNetwork, population_probabilities
from core.models.population_card import (
    POPULATION_FOLDER,
    WEIGHTS_NAME,
    PopulationCard,
    load_population,
)

ADULT_AGE_YEARS = 16.0
"""From this age on a film is an adult's, whatever it looks like."""

_TELLING = {
    "film.notice.lateral": Notice("population.reason.lateral"),
    "gate.notice.unlike": Notice("population.reason.unlike"),
}
"""Notices of a film by which it gets no plain verdict."""


@dataclass(frozen=True, slots=True)
class PopulationReading:
    """Whose film it is, and why it gets no plain verdict where it gets none.

    Args:
        population: What is told, by picture and age together.
        pictured: What the picture alone looks like.
        child: Probability of a child's film by the picture, 0 to 1 ...
        adult: ... and of an adult's.
        reasons: Why it is outside what was learned, the first the most important; none of a
            child's film.
        weights_sha256: Of the population reader.
    """

    population: Population
    pictured: Population
    child: float
    adult: float
    reasons: tuple[Notice, ...]
    weights_sha256: str


class PopulationReader:
    """The shipped reader. Safe to share between threads: nothing in it changes.

    Args:
        card: Its card.
        network: Its network, in evaluation mode and without gradients.
        segmenter: The lungs segmenter whose encoder it reads with.
    """

    def __init__(
        self, card: PopulationCard, network: PopulationNetwork, segmenter: Segmenter
    ) -> None:
        self.card = card
        self.network = network
        self.segmenter = segmenter

    @classmethod
    def load(
        cls, folder: Path = POPULATION_FOLDER, segmenter: Segmenter | None = None
    ) -> "PopulationReader":
        """Load and verify the shipped reader.

        Args:
            folder: Where it ships.
            segmenter: The lungs segmenter that it was trained with; the shipped one if None.

        Raises:
            WeightsError: Files are missing, damaged, or of another segmenter.
        """
        card, network = load_population(folder)
        found = segmenter or shared_segmenter()
        if found.card.sha256 != card.lungs_sha256:
            raise WeightsMismatch(file=f"{folder.name}/{WEIGHTS_NAME}", architecture="population")
        return cls(card, network, found)

    def probabilities(self, found: FoundLungs) -> Tensor:
        """How likely films are of each of ``POPULATIONS``: (B, 3)."""
        return population_probabilities(
            self.segmenter.network, self.network, found.films, found.lungs
        )

    def read(self, film: Film, located: Located) -> PopulationReading:
        """Read one film.

        Args:
            film: The film, with what the file and the gate told of it.
            located: The same film with its lungs; where it has none, its age alone is asked.
        """
        child, adult, _ = self.probabilities(located.found)[0].tolist()
        has_lungs = bool(located.found.found[0])
        pictured = self.pictured(child, adult) if has_lungs else Population.NEITHER
        age_years = film.facts.age_years
        reasons = (
            *said_by_age(age_years, pictured),
            *(_TELLING[its.key] for its in film.notices if its.key in _TELLING),
        )
        if pictured is Population.NEITHER and has_lungs and not reasons:
            reasons = (Notice("population.reason.neither"),)
        is_outside = bool(reasons) or not has_lungs
        return PopulationReading(
            population=_told(age_years, pictured, is_outside),
            pictured=pictured,
            child=child,
            adult=adult,
            reasons=reasons,
            weights_sha256=self.card.sha256,
        )

    def pictured(self, child: float, adult: float) -> Population:
        """What a picture looks like by its probabilities."""
        if adult >= self.card.adult_from:
            return Population.ADULT
        return Population.CHILD if child >= self.card.child_from else Population.NEITHER


def said_by_age(age_years: float | None, pictured: Population) -> Iterator[Notice]:
    """What a film's age says against a plain verdict, and where picture and age disagree.

    Args:
        age_years: As the file tells it; None where it does not, and the picture alone is asked.
        pictured: What the picture looks like.
    """
    if age_years is None:
        if pictured is Population.ADULT:
            yield Notice("population.reason.adult")
        return
    details = {"age_years": round(age_years, 1)}
    if age_years >= ADULT_AGE_YEARS:
        yield Notice("population.reason.adult_by_age", details)
        if pictured is Population.CHILD:
            yield Notice("population.reason.child_in_picture", details)
        return
    if not MIN_AGE_YEARS <= age_years < END_AGE_YEARS:
        yield Notice("population.reason.age", details)
    if pictured is Population.ADULT and age_years < END_AGE_YEARS:
        yield Notice("population.reason.adult_in_picture", details)


def _told(age_years: float | None, pictured: Population, is_outside: bool) -> Population:
    """Whose film is told, by age and picture together."""
    if age_years is not None and age_years >= ADULT_AGE_YEARS:
        return Population.ADULT
    if age_years is None and pictured is Population.ADULT:
        return Population.ADULT
    return Population.NEITHER if is_outside else Population.CHILD


_loaded = Loaded(lambda _: PopulationReader.load())


def shared_population_reader() -> PopulationReader:
    """The shipped reader, loaded once for all sessions, and again when its files change.

    Raises:
        WeightsError: Its files are missing, damaged or not its own.
    """
    return _loaded()


def population_in_use() -> PopulationReader | None:
    """The shipped reader; None where the gate is off, for tests' drawn films.

    Raises:
        WeightsError: Its files are missing, damaged or not its own.
    """
    return None if gate_in_use() is None else shared_population_reader()


def whose(film: Film, located: Located) -> PopulationReading | None:
    """Whose film it is, by the shipped reader; None where that is not in use.

    Raises:
        WeightsError: Its files are missing, damaged or not its own.
    """
    reader = population_in_use()
    return reader.read(film, located) if reader else None


def why_no_verdict(population: PopulationReading | None, lungs: LungsMap) -> tuple[Notice, ...]:
    """All reasons for which a film gets no plain verdict, by whose it is and by its lungs."""
    return (*(population.reasons if population else ()), *no_verdict_without(lungs))
