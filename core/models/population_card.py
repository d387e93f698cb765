"""The population reader that ships: a safetensors file beside its card, checked before use."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.models.population import PopulationNetwork
from core.models.weights import WEIGHTS_FOLDER, fill, read_card, read_weights, ship

POPULATION_FOLDER = WEIGHTS_FOLDER / "population"
WEIGHTS_NAME, CARD_NAME = "weights.safetensors", "card.json"


@dataclass(frozen=True, slots=True)
class PopulationCard:
    """What is known of the population reader; the JSON file beside its weights.

    Args:
        version: Version of these weights.
        sha256: Of the safetensors file.
        lungs_sha256: Of the weights of the segmenter whose encoder it reads with.
        parameters: Number of weights, the encoder's apart.
        child_from: Probability of a child's film from which it is called one, over one half ...
        adult_from: ... and of an adult's; what reaches neither is neither.
        films: Films that it was trained on, by population.
        held_out_films: Films of other patients that the thresholds were chosen on.
        views: Augmented views of them that the head was trained on.
        config: The settings of its training.
        manifest_sha256: Of all these films and the part each took.
    """

    version: str
    sha256: str
    lungs_sha256: str
    parameters: int
    child_from: float
    adult_from: float
    films: dict[str, int]
    held_out_films: dict[str, int]
    views: int
    config: dict[str, Any]
    manifest_sha256: str

    def __post_init__(self) -> None:
        for name in ("child_from", "adult_from"):
            if not 0.5 <= getattr(self, name) < 1:
                raise ValueError(f"{name} must lie between one half and 1")


def save_population(card: PopulationCard, weights: bytes, folder: Path = POPULATION_FOLDER) -> None:
    """Write the population reader's weights and its card."""
    ship(card, folder / CARD_NAME, weights, folder / WEIGHTS_NAME)


def population_card(folder: Path = POPULATION_FOLDER) -> PopulationCard:
    """The card alone.

    Raises:
        WeightsMissing: It is not there.
        WeightsDamaged: It is not one.
    """
    return read_card(folder / CARD_NAME, _card)


def load_population(folder: Path = POPULATION_FOLDER) -> tuple[PopulationCard, PopulationNetwork]:
    """The card and the network, verified, in evaluation mode and without gradients.

    Raises:
        WeightsMissing: Card or weights are not there.
        WeightsDamaged: The card is not one, or the weights are not the card's.
        WeightsMismatch: The file does not hold a population reader's weights.
    """
    card = population_card(folder)
    file = folder / WEIGHTS_NAME
    weights = read_weights(file, card.sha256)
    return card, fill(PopulationNetwork(), weights, file, "population")


def _card(content: Mapping[str, Any]) -> PopulationCard:
    return PopulationCard(**content)
