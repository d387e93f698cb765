"""The models that ship, by the names that people read."""

from collections import Counter

from core.messages.errors import WeightsError
from core.models import REGISTRY, ModelCard, load_card, shipped_models
from core.ui.frame.words import t


def card_of(name: str) -> ModelCard | None:
    """The card of a shipped model; None where none can be read."""
    try:
        return load_card(name)
    except WeightsError:
        return None


def model_title(name: str) -> str:
    """A shipped model's architecture and input, or what an ensemble is of; else its own name.

    Models that are alike in both have their names with it.
    """
    card = card_of(name)
    if card is None:
        return name
    if not card.members:
        title = _own_title(card)
        others = [known for each in shipped_models() if each != name and (known := card_of(each))]
        alike = [_own_title(other) for other in others if not other.members]
        return f"{title} ({name})" if title in alike else title
    members = Counter(architecture_title(member) for member in map(card_of, card.members) if member)
    parts = [f"{title} × {times}" if times > 1 else title for title, times in members.items()]
    return t("frame.ensemble", n=len(card.members), members=", ".join(parts))


def _own_title(card: ModelCard) -> str:
    return f"{architecture_title(card)}, {card.size_px} px"


def short_title(name: str) -> str:
    """A shipped model's title without an ensemble's members, for headings and sentences."""
    card = card_of(name)
    return architecture_title(card) if card is not None and card.members else model_title(name)


def architecture_title(card: ModelCard) -> str:
    """A card's architecture as its paper calls it; an ensemble has none of its own."""
    if card.members:
        return t("about.models.ensemble", n=len(card.members))
    spec = REGISTRY.get(card.architecture)
    return spec.title if spec else card.architecture
