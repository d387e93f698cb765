"""What is recorded of a shipped model: its choice, its other seeds, its heatmaps' measures.

Each is read from ``results/``, and what has not been measured is simply not there:
``selection/NAME.json`` is a choice, ``evaluations/MODEL@SEED`` the same recipe trained with another
seed, ``masking/MODEL.json`` what masking hot places does,
``scales/MODEL.json`` what is full heat by each method of explanation.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from glob import escape
from pathlib import Path
from typing import Any

from core.messages.errors import RunMissing
from core.models import ModelCard
from core.results.evaluations import read_metrics
from core.results.folder import results_folder, write_json
from core.results.measured import read_measured, write_measured
from core.results.runs import read_run

SEED_SIGN = "@"


@dataclass(frozen=True, slots=True)
class Scale:
    """What a model's maps by one method are measured against, on films held out of training.

    Args:
        full_heat: The 99th percentile of the positive values of the model's maps.
        divisors: One a network: its maps are divided by it before they are averaged. 1 where the
            method's unit is logits, else the 99th percentile of the network's own maps.
        films: On how many films they were measured.
    """

    full_heat: float
    divisors: tuple[float, ...]
    films: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "divisors", tuple(self.divisors))
        if self.full_heat <= 0 or any(divisor <= 0 for divisor in self.divisors):
            raise ValueError(f"full heat and divisors must be positive, but got {self}")


@dataclass(frozen=True, slots=True)
class Scales:
    """What full heat is, by every method of a model but the default one.

    Args:
        percentile: Of the positive values of the maps: that is full heat.
        methods: By the method's name.
    """

    percentile: float
    methods: Mapping[str, Scale]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What could be chosen: a run, or several whose logits are averaged; means over its seeds.

    Args:
        runs: Names of the runs.
        auroc: Under each stress condition, on patients held out of training.
        plain_log_loss: Of the films as they are.
        worst_condition: The condition with the lowest AUROC.
        worst_auroc: That AUROC.
        seeds: How many seeds the figures are means over.
    """

    runs: tuple[str, ...]
    auroc: Mapping[str, float]
    plain_log_loss: float
    worst_condition: str
    worst_auroc: float
    seeds: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "runs", tuple(self.runs))

    @property
    def title(self) -> str:
        """Its runs, those of an ensemble joined."""
        return " + ".join(self.runs)


@dataclass(frozen=True, slots=True)
class Masking:
    """What covering the hottest places of a model's heatmaps does to the score.

    Args:
        films: How many held-out true positives were covered.
        hot_share: The share of the map that is covered.
        random_masks: How many random masks of that size each is compared with.
        lowered: For each method that was measured, the share of films whose score falls more than
            it does on average under the random masks.
    """

    films: int
    hot_share: float
    random_masks: int
    lowered: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ChoiceRecord:
    """A choice as it is written down.

    Args:
        why: The question that it answers.
        rule: The rule that decided.
        date: Of the choice, as in ``2025-01-31``.
        candidates: All, in the order in which they were named.
        chosen: The runs of the one that the rule prefers.
    """

    why: str
    rule: str
    date: str
    candidates: tuple[Candidate, ...]
    chosen: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "chosen", tuple(self.chosen))


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice among candidates, on patients held out of training.

    Args:
        name: The record's name.
        why: The question that it answers.
        rule: The rule that decided.
        date: Of the choice, as in ``2025-01-31``.
        candidates: The chosen one first, then the others by their worst condition.
        films: On how many films; None where the run is not here to tell.
    """

    name: str
    why: str
    rule: str
    date: str
    candidates: tuple[Candidate, ...]
    films: int | None

    @property
    def chosen(self) -> Candidate:
        """The candidate that was chosen."""
        return self.candidates[0]

    @property
    def others(self) -> tuple[Candidate, ...]:
        """The candidates that were not, the best first."""
        return self.candidates[1:]


def write_choice(name: str, record: ChoiceRecord, results: Path) -> None:
    """Write a choice: ``selection/NAME.json``."""
    file = results / "selection" / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_json(file, asdict(record))


def read_choice(file: Path) -> ChoiceRecord:
    """A choice from its file."""
    content: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    candidates = tuple(Candidate(**figures) for figures in content["candidates"])
    return ChoiceRecord(**{**content, "candidates": candidates})


def choices_of(runs: Sequence[str], results: Path | None = None) -> tuple[Choice, ...]:
    """The recorded choices that fell on these runs, the latest first.

    Args:
        runs: The runs behind a model, in any order.
        results: Folder of results; ``results_folder()`` if None.
    """
    results = results or results_folder()
    choices = []
    for file in sorted((results / "selection").glob("*.json")):
        record = read_choice(file)
        if sorted(record.chosen) == sorted(runs):
            choices.append(_choice(file.stem, record, results))
    return tuple(sorted(choices, key=lambda choice: choice.date, reverse=True))


def _choice(name: str, record: ChoiceRecord, results: Path) -> Choice:
    ordered = sorted(
        record.candidates,
        key=lambda candidate: (candidate.runs != record.chosen, -candidate.worst_auroc),
    )
    return Choice(
        name=name,
        why=record.why,
        rule=record.rule,
        date=record.date,
        candidates=tuple(ordered),
        films=_held_out_films(record.chosen[0], results),
    )


def _held_out_films(run: str, results: Path) -> int | None:
    try:
        return int(read_run(results / "runs" / run).summary["metrics"]["validation"]["n"])
    except RunMissing:
        return None


def metrics_by_seed(
    model: str, dataset: str, results: Path | None = None
) -> tuple[Mapping[str, Any], ...]:
    """The metrics on one set of the shipped weights, then of the same recipe with other seeds.

    Args:
        model: The shipped model's name.
        dataset: The set's name.
        results: Folder of results; ``results_folder()`` if None.

    Returns:
        As ``python -m core evaluate`` writes them; weights that were measured twice are there once.
    """
    results = results or results_folder()
    folders = sorted((results / "evaluations").glob(f"{escape(model)}{SEED_SIGN}*"))
    found: dict[str, Mapping[str, Any]] = {}
    for name in (model, *(folder.name for folder in folders)):
        metrics = read_metrics(name, dataset, results)
        versions = {each["version"] for each in found.values()}
        if metrics is not None and versions <= {metrics["version"]}:
            found.setdefault(metrics["weights_sha256"], metrics)
    return tuple(found.values())


def masking_of(model: str, weights_sha256: str, results: Path | None = None) -> Masking | None:
    """What masking the hottest places does to the score; None where these weights are unmeasured.

    Args:
        model: The shipped model's name.
        weights_sha256: Of the weights that ship now.
        results: Folder of results; ``results_folder()`` if None.
    """
    file = _record("masking", model, results)
    found = read_measured(file, weights_sha256, Masking)
    return Masking(**found) if found else None


def scales_of(model: str, weights_sha256: str, results: Path | None = None) -> dict[str, Scale]:
    """The measured scales of a model's heatmaps, by the method's name.

    Args:
        model: The shipped model's name.
        weights_sha256: Of the weights that ship now; scales of other weights are none.
        results: Folder of results; ``results_folder()`` if None.

    Returns:
        Without that of the default method, which the model's card keeps.
    """
    found = read_measured(_record("scales", model, results), weights_sha256, Scales)
    return {name: Scale(**scale) for name, scale in found["methods"].items()} if found else {}


def write_masking(card: ModelCard, found: Masking, results: Path) -> None:
    """Write what masking hot places does: ``masking/MODEL.json``."""
    write_measured(_record("masking", card.name, results), card, found)


def write_scales(card: ModelCard, found: Scales, results: Path) -> Path:
    """Write a model's scales: ``scales/MODEL.json``. Returns the file."""
    file = _record("scales", card.name, results)
    write_measured(file, card, found)
    return file


def _record(study: str, model: str, results: Path | None) -> Path:
    return (results or results_folder()) / study / f"{model}.json"
