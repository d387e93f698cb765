"""The facts of the shipped models, gathered from ``results/`` and ``weights/``."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from core.messages.catalogue import DEFAULT_LANGUAGE
from core.messages.errors import RunMissing
from core.metrics.classification import METRICS
from core.models import REGISTRY, ModelCard, load_card
from core.reporting.documents.published import field_sentence, own_models, spread
from core.results.evaluations import read_evaluations
from core.results.lungs import LungsResults, read_lungs
from core.results.model_records import (
    choices_of,
    masking_of,
    metrics_by_seed,
    scales_of,
)
from core.results.population import population_of
from core.results.robustness import frames_of, heat_of
from core.results.runs import read_run

WEIGHTS_NAME = "weights.safetensors"
RUN_KEYS = (
    "config",
    "precision",
    "versions",
    "data",
    "epochs_run",
    "best_epoch",
    "converged",
    "val_loss",
    "training_seconds",
)
COUNT_KEYS = ("split", "label", "films", "patients", "bacteria", "virus")


def gather(results: Path, weights: Path) -> dict[str, Any]:
    """Everything that the card says, as data.

    Args:
        results: Folder of results.
        weights: Folder that models ship in.

    Raises:
        WeightsDamaged: A model's own card is not what ``python -m core publish`` writes.
    """
    cards = [load_card(name, weights) for name in own_models(weights)]
    runs = dict(_with_ancestors((run for card in cards for run in card.runs), results))
    return {
        "models": [_model(card, results, weights) for card in cards],
        "runs": runs,
        "data": _data(results),
        "selection": _records(results / "selection"),
        "field": field_sentence(DEFAULT_LANGUAGE, results, weights),
        "gate": _json(results / "gate.json"),
        "gate_card": _json(weights / "gate" / "card.json"),
        "population": _population(results, weights),
        "lungs": asdict(found) if (found := _lungs(results, weights)) else None,
        "looks": _looks(results),
        "compute": {
            "runs": len(runs),
            "epochs": sum(run["epochs_run"] for run in runs.values()),
            "training_seconds": sum(run["training_seconds"] for run in runs.values()),
        },
    }


def _lungs(results: Path, weights: Path) -> LungsResults | None:
    """The measurement of the lungs segmenter, where it is of the weights that ship."""
    card = _json(weights / "lungs" / "card.json")
    found = read_lungs(results)
    return found if found and card and found.weights_sha256 == card["sha256"] else None


def _population(results: Path, weights: Path) -> dict[str, Any] | None:
    """The measurement of the population reader, where it is of the weights that ship."""
    card = _json(weights / "population" / "card.json")
    return _or_none(population_of(card["sha256"], results)) if card else None


def _model(card: ModelCard, results: Path, weights: Path) -> dict[str, Any]:
    file = weights / f"{card.name}.safetensors"
    spec = REGISTRY.get(card.architecture)
    evaluations = {
        name: found
        for name, found in read_evaluations(card.name, results).items()
        if (found.summary["version"], found.summary["weights_sha256"])
        == (card.version, card.sha256)
    }
    return {
        **asdict(card),
        "title": spec.title if spec else f"Mean logit of {' and '.join(card.members)}",
        "paper": spec.paper if spec else None,
        "licence": spec.licence if spec else None,
        "file_bytes": file.stat().st_size if file.is_file() else None,
        "choices": [choice.name for choice in choices_of(card.runs, results)],
        "evaluations": {name: found.summary for name, found in evaluations.items()},
        "seeds": {name: _seeds(card.name, name, results) for name in evaluations},
        "masking": _masking(card, results),
        "frames": _or_none(frames_of(card.name, card.sha256, results)),
        "heat": _or_none(heat_of(card.name, card.sha256, results)),
        "scales": _scales(card, results),
    }


def _masking(card: ModelCard, results: Path) -> dict[str, Any] | None:
    return _or_none(masking_of(card.name, card.sha256, results))


def _or_none(found: Any) -> dict[str, Any] | None:
    return None if found is None else asdict(found)


def _scales(card: ModelCard, results: Path) -> dict[str, Any]:
    found = scales_of(card.name, card.sha256, results)
    return {name: asdict(scale) for name, scale in found.items()}


def _seeds(model: str, dataset: str, results: Path) -> dict[str, Any] | None:
    """Mean, least and greatest metrics over seeds; None of one seed alone."""
    seeds = metrics_by_seed(model, dataset, results)
    if len(seeds) < 2:
        return None
    return {"n": len(seeds)} | {name: spread(seeds, name) for name in METRICS}


def _with_ancestors(names: Iterable[str], results: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Runs, and before each those whose weights or answers it learnt from, once each."""
    for name in names:
        try:
            summary = read_run(results / "runs" / name).summary
        except RunMissing:
            continue
        yield from _with_ancestors(_parents(summary["config"]), results)
        yield name, {key: summary[key] for key in RUN_KEYS}


def _parents(config: Mapping[str, Any]) -> list[str]:
    """The runs that a run started from or was distilled from."""
    start = Path(config["init"])
    begun = [start.parent.name] if start.name == WEIGHTS_NAME else []
    teacher = config.get("teacher", "none")
    return begun + ([] if teacher == "none" else teacher.split("+"))


def _data(results: Path) -> dict[str, Any] | None:
    facts = _json(results / "data" / "summary.json")
    if facts is None:
        return None
    counts = pd.read_csv(results / "data" / "counts.csv")[list(COUNT_KEYS)]
    return {**facts, "counts": json.loads(counts.to_json(orient="records"))}


def _records(folder: Path) -> dict[str, Any]:
    return {file.stem: _json(file) for file in sorted(folder.glob("*.json"))}


def _looks(results: Path) -> dict[str, int]:
    """How often test labels were looked at, and how many weights that concerned."""
    file = results / "test_looks.csv"
    if not file.is_file():
        return {"looks": 0, "weights": 0}
    looks = pd.read_csv(file)
    looks = looks[looks["accuracy"].notna()]  # others are of test films without their labels
    return {"looks": len(looks), "weights": int(looks["weights_sha256"].nunique())}


def _json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def default_run(facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The first run behind the default model, where it is here."""
    models: Sequence[Mapping[str, Any]] = facts["models"]
    name = models[0]["run"].split("+")[0] if models else ""
    found: Mapping[str, Any] | None = facts["runs"].get(name)
    return found
