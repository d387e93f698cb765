"""Train the population reader's head, choose its thresholds on views held out, and ship it."""

import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR
from tqdm import tqdm

from core.data.folder import manifest_sha256
from core.data.labels import POPULATIONS, Population
from core.models.lungs import LungsNetwork
from core.models.lungs_card import load_shipped_lungs
from core.models.population import PopulationNetwork, embed
from core.models.population_card import PopulationCard, save_population
from core.models.weights import sha256_of, weights_file
from core.training.population.films import load_chests
from core.training.population.views import BATCH, Chests, view

HELD_OUT_BATCHES = 20
"""Of augmented views of the films held out, on which the thresholds are chosen."""

_STEP = 256
_TOLD_SHARE = 0.99
"""Share of a population's own held-out views that a threshold still lets through."""

_MISTAKEN_SHARE = 0.001
"""Share of the other's held-out views that it need not keep out."""

_LEAST_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class PopulationConfig:
    """What decides the result.

    Args:
        batches: Of augmented views, each of ``views.BATCH``.
        epochs: How often the head sees the views.
        learning_rate: Peak of AdamW.
        weight_decay: Of AdamW.
        dropout: Share of the features that training drops.
        smoothing: Of the labels, 0 to 1.
        seed: Of everything random.
    """

    batches: int = 400
    epochs: int = 20
    learning_rate: float = 2e-3
    weight_decay: float = 0.1
    dropout: float = 0.15
    smoothing: float = 0.02
    seed: int = 0


def embedded_views(
    segmenter: LungsNetwork, chests: Chests, batches: int, seed: int
) -> tuple[Tensor, Tensor]:
    """Augmented views, embedded: (N, 1296), and the place of each one's population, (N,)."""
    seen = []
    for number in tqdm(range(batches), "Views", disable=not sys.stderr.isatty()):
        images, lungs, targets = view(chests, number, seed)
        seen.append((embed(segmenter, images, lungs), targets))
    return torch.cat([each for each, _ in seen]), torch.cat([targets for _, targets in seen])


def train_head(embedded: Tensor, targets: Tensor, config: PopulationConfig) -> PopulationNetwork:
    """The head, trained; in evaluation mode and without gradients.

    Args:
        embedded: (N, 1296).
        targets: (N,), places in ``POPULATIONS``.
        config: The settings.
    """
    torch.manual_seed(config.seed)
    network = PopulationNetwork(config.dropout).train()
    network.fit(embedded)
    steps = len(embedded) // _STEP * config.epochs
    optimizer = AdamW(
        network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    schedule = OneCycleLR(optimizer, config.learning_rate, steps, cycle_momentum=False)
    for _ in range(config.epochs):
        for some in torch.split(torch.randperm(len(embedded)), _STEP):
            if len(some) < _STEP:
                continue
            loss = cross_entropy(
                network(embedded[some]), targets[some], label_smoothing=config.smoothing
            )
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return network.eval().requires_grad_(False)


def thresholds(chances: Tensor, targets: Tensor) -> tuple[float, float]:
    """From where a film is called a child's, and an adult's.

    Each keeps the other population's held-out views out, as far as it lets 99 % of its own through.

    Args:
        chances: (N, 3), in the order of ``POPULATIONS``, of held-out views of all.
        targets: (N,), places in it.
    """
    found = []
    for place in (POPULATIONS.index(its) for its in (Population.CHILD, Population.ADULT)):
        own, others = chances[targets == place, place], chances[targets != place, place]
        reached = others.quantile(1 - _MISTAKEN_SHARE).item()
        highest = own.quantile(1 - _TOLD_SHARE).item()
        found.append(round(max(min(reached, highest), _LEAST_THRESHOLD), 4))
    child, adult = found
    return child, adult


def make(data: Path, version: str, config: PopulationConfig, weights: Path) -> PopulationCard:
    """Train, choose the thresholds and ship.

    Args:
        data: The data folder, with the adults' beside it.
        version: Of these weights.
        config: The settings.
        weights: Folder where it ships.

    Raises:
        DataError: A folder cannot be used.
        WeightsError: The lungs segmenter is missing or damaged.
    """
    lungs_card, segmenter = load_shipped_lungs()
    taught, held_out, records = load_chests(data, segmenter)
    network = train_head(*embedded_views(segmenter, taught, config.batches, config.seed), config)
    embedded, targets = embedded_views(segmenter, held_out, HELD_OUT_BATCHES, config.seed)
    child, adult = thresholds(network(embedded).softmax(1), targets)
    file = weights_file(network, half=False)
    card = PopulationCard(
        version=version,
        sha256=sha256_of(file),
        lungs_sha256=lungs_card.sha256,
        parameters=sum(part.numel() for part in network.parameters()),
        child_from=child,
        adult_from=adult,
        films=_counted(taught),
        held_out_films=_counted(held_out),
        views=config.batches * BATCH,
        config=asdict(config),
        manifest_sha256=manifest_sha256(records),
    )
    save_population(card, file, weights)
    return card


def _counted(chests: Chests) -> dict[str, int]:
    return {its.lower(): len(chests.places(its)) for its in (Population.CHILD, Population.ADULT)}
