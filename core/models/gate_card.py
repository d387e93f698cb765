"""The gate that ships: a safetensors file beside its card, checked before it is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.models.folding import folded
from core.models.gate import GateNetwork
from core.models.weights import WEIGHTS_FOLDER, fill, read_card, read_weights, ship

GATE_FOLDER = WEIGHTS_FOLDER / "gate"
WEIGHTS_NAME, CARD_NAME = "weights.safetensors", "card.json"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the gate draws its lines, all chosen on training films.

    Args:
        film_unfamiliar: A film logit under it is an unfamiliar film's.
        film_doubted: A film logit under it is doubtful.
        film_refused: A film logit under it is refused.
        distance_unfamiliar: A distance over it is an unfamiliar film's, one a depth.
        distance_doubted: A distance over it is doubtful, one a depth; with a film logit that is
            doubtful too, the picture is refused.
        turn_confidence: Probability of a turn from which a film is set upright, 0 to 1.
        inverted_confidence: Probability of inversion from which a film is inverted back, 0 to 1.
    """

    film_unfamiliar: float
    film_doubted: float
    film_refused: float
    distance_unfamiliar: tuple[float, float]
    distance_doubted: tuple[float, float]
    turn_confidence: float
    inverted_confidence: float

    def __post_init__(self) -> None:
        if not self.film_refused <= self.film_doubted <= self.film_unfamiliar:
            raise ValueError("what is refused must be doubtful too, and that unfamiliar")
        for name in ("distance_unfamiliar", "distance_doubted"):
            if len(getattr(self, name)) != 2:
                raise ValueError(f"{name} must hold a distance for each of two depths")
        for name in ("turn_confidence", "inverted_confidence"):
            if not 0.5 <= getattr(self, name) < 1:
                raise ValueError(f"{name} must lie between one half and 1")


@dataclass(frozen=True, slots=True)
class GateCard:
    """What is known of the gate; the JSON file beside its weights.

    Args:
        version: Version of these weights.
        sha256: Of the safetensors file.
        parameters: Number of weights.
        thresholds: Where it draws its lines.
        manifest_sha256: Of the training films and the part each took.
        films: Films that it was trained on.
        calibration_films: Training films that the thresholds were chosen on.
        non_films: Pictures that it was trained against, by kind and source.
    """

    version: str
    sha256: str
    parameters: int
    thresholds: Thresholds
    manifest_sha256: str
    films: int
    calibration_films: int
    non_films: dict[str, int]


def save_gate(card: GateCard, weights: bytes, folder: Path = GATE_FOLDER) -> None:
    """Write the gate's weights and its card."""
    ship(card, folder / CARD_NAME, weights, folder / WEIGHTS_NAME)


def load_gate(folder: Path = GATE_FOLDER) -> tuple[GateCard, GateNetwork]:
    """The gate's card and its network, verified, in evaluation mode and without gradients.

    Raises:
        WeightsMissing: The card or the weights are not there.
        WeightsDamaged: The card is not what ``save_gate`` writes, or the weights' sha256 is not
            the card's.
        WeightsMismatch: The file does not hold the gate's weights.
    """
    card = read_card(folder / CARD_NAME, _card)
    file = folder / WEIGHTS_NAME
    return card, folded(fill(GateNetwork(), read_weights(file, card.sha256), file, "gate"))


def _card(content: Mapping[str, Any]) -> GateCard:
    return GateCard(**{**content, "thresholds": Thresholds(**content["thresholds"])})
