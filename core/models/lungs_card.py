"""The lungs segmenter that ships: a safetensors file beside its card, checked before it is used."""

from dataclasses import dataclass
from pathlib import Path

from core.models.folding import folded
from core.models.lungs import LungsNetwork
from core.models.weights import WEIGHTS_FOLDER, fill, read_card, read_weights, ship

LUNGS_FOLDER = WEIGHTS_FOLDER / "lungs"
WEIGHTS_NAME, CARD_NAME = "weights.safetensors", "card.json"


@dataclass(frozen=True, slots=True)
class LungsCard:
    """What is known of the segmenter; the JSON file beside its weights.

    Args:
        version: Version of these weights.
        sha256: Of the safetensors file.
        parameters: Number of weights.
        films: Films with a human outline that it was trained on.
        held_out_films: Films of other patients, that its training was watched on.
    """

    version: str
    sha256: str
    parameters: int
    films: int
    held_out_films: int


def save_lungs(card: LungsCard, weights: bytes, folder: Path = LUNGS_FOLDER) -> None:
    """Write the segmenter's weights and its card."""
    ship(card, folder / CARD_NAME, weights, folder / WEIGHTS_NAME)


def load_shipped_lungs(folder: Path = LUNGS_FOLDER) -> tuple[LungsCard, LungsNetwork]:
    """The segmenter's card and network, verified, in evaluation mode and without gradients.

    Raises:
        WeightsMissing: Card or weights are not there.
        WeightsDamaged: The card is not one, or the weights are not the card's.
        WeightsMismatch: The file does not hold the segmenter's weights.
    """
    card = read_card(folder / CARD_NAME, lambda content: LungsCard(**content))
    weights = read_weights(folder / WEIGHTS_NAME, card.sha256)
    return card, folded(fill(LungsNetwork(), weights, folder / WEIGHTS_NAME, "lungs"))
