"""Masking, all models and small changes on one film: sentences and tables."""

from collections import Counter
from collections.abc import Sequence

from core.data.labels import Verdict
from core.inference.diagnosis import Diagnosis, verdict_of
from core.inference.explanation_methods import METHODS
from core.inference.heatmap import Heatmap
from core.inference.second_look import HOT_SHARE, Masked, Steadiness, Vote
from core.messages.catalogue import text
from core.metrics.logits import sigmoid
from core.models import ModelCard
from core.reporting.captions.verdict import probability_words

STILL = 0.005
"""A probability that moves by less is said to stay where it is."""


CARRIES = 0.1
"""By so much the probability has to fall for the covered places to carry it."""


def verdict_name(verdict: Verdict, language: str) -> str:
    """A verdict as people read it."""
    return text(language, f"diagnosis.verdict.{verdict.lower()}")


def votes_sentence(votes: Sequence[Vote], chosen: str, language: str) -> str:
    """How many models say what the chosen one says; an ensemble has no vote beside its members.

    Args:
        votes: The chosen model's among them.
        chosen: Its name.
        language: A language of the catalogue.
    """
    voters = [vote for vote in votes if not vote.card.members]
    counts = Counter(vote.verdict for vote in voters)
    own = next(vote.verdict for vote in votes if vote.card.name == chosen)
    named = {"verdict": verdict_name(own, language), "models": len(voters)}
    if len(voters) == 1:
        return text(language, "second_look.votes.alone", **named)
    if counts[own] == len(voters):
        return text(language, "second_look.votes.all", **named)
    others = ", ".join(
        text(language, "second_look.votes.other", verdict=verdict_name(verdict, language), n=count)
        for verdict, count in counts.most_common()
        if verdict != own
    )
    is_alone = [vote.card.name for vote in voters if vote.verdict == own] == [chosen]
    key = "second_look.votes.one" if is_alone else "second_look.votes.some"
    return text(language, key, n=counts[own], others=others, **named)


def votes_note(votes: Sequence[Vote], language: str) -> str:
    """Why agreement is worth less than it seems."""
    members = [vote.card for vote in votes if vote.card.members]
    note = text(language, "second_look.votes.note")
    return " ".join(
        [
            *(
                text(
                    language,
                    "second_look.votes.mean",
                    model=f"`{card.name}`",
                    members=", ".join(f"`{name}`" for name in card.members),
                )
                for card in members
            ),
            note,
        ]
    )


def steadiness_sentence(found: Steadiness, language: str) -> str:
    """Between which probabilities a film stays, and whether its verdict does."""
    values = (found.plain, *found.changed.values())
    moves = "stays" if max(values) - min(values) >= STILL else "still"
    told = "flips" if found.flips else moves
    return text(
        language,
        f"second_look.steadiness.{told}",
        still=f"{100 * STILL:.1f}",
        n=len(found.changed),
        low=probability_words(min(values), language),
        high=probability_words(max(values), language),
        flips=len(found.flips),
        which=", ".join(text(language, f"second_look.change.{name}") for name in found.flips),
    )


def masked_sentence(found: Masked, card: ModelCard, language: str) -> str:
    """Whether the hot places carry this film's verdict.

    They do where covering them changes the verdict, or the probability by ``CARRIES`` and more.

    Args:
        found: Of a film.
        card: Of the model that read it.
        language: A language of the catalogue.
    """
    elsewhere = sigmoid(found.elsewhere)
    whole, hot = float(sigmoid(found.whole)), float(sigmoid(found.hot))
    flips = verdict_of(whole, card) != verdict_of(hot, card)
    carries = found.fell and hot < whole and (flips or whole - hot >= CARRIES)
    return text(
        language,
        f"second_look.masked.{'carries' if carries else 'barely'}",
        share=f"{100 * HOT_SHARE:.0f}",
        whole=probability_words(whole, language),
        hot=probability_words(hot, language),
        low=probability_words(float(elsewhere.min()), language),
        high=probability_words(float(elsewhere.max()), language),
    )


def heatmap_words(heatmap: Heatmap, language: str) -> str:
    """What the heatmap's colours mean."""
    method = METHODS[heatmap.method]
    return text(
        language,
        f"second_look.scale.in_{method.unit}",
        method=method.title,
        full=f"{heatmap.full_heat:.2g}",
    )


def overlay_words(heatmap: Heatmap, language: str) -> str:
    """What the film with its heatmap is called."""
    return text(language, "second_look.overlay", method=METHODS[heatmap.method].title)


def settings_words(diagnosis: Diagnosis, language: str) -> str:
    """The settings that a diagnosis is bound to beside the film and the weights."""
    title = METHODS[diagnosis.heatmap.method].title
    settings = diagnosis.settings_sha256[:12]
    return text(language, "second_look.settings", method=title, settings=settings)
