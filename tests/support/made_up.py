"""A made-up folder of results, in the formats that training and evaluation write."""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.evaluation.selection import RULE
from core.metrics.calibration import balanced_threshold
from core.metrics.classification import with_intervals
from core.metrics.logits import sigmoid
from core.results.folder import write_json, write_table
from core.results.model_records import Candidate
from core.training.experiments.earlier_studies import EARLIER_STUDIES, earlier_runs
from core.training.experiments.plan import planned_runs
from core.training.experiments.studies import ALL_STUDIES
from core.training.experiments.table import write_study_table


def predictions(normal: int, pneumonia: int, seed: int = 0, apart: float = 5.0) -> pd.DataFrame:
    """Logits of two classes whose means lie ``apart``, two films a patient."""
    truth = np.repeat([0, 1], [normal, pneumonia])
    noise = np.random.default_rng(seed).normal(scale=1.8, size=len(truth))
    return pd.DataFrame(
        {
            "image": [f"test/{number}.jpeg" for number in range(len(truth))],
            "patient": [f"person{number // 2}" for number in range(len(truth))],
            "split": "test",
            "truth": truth,
            "logit": apart * (truth - 0.5) + noise,
        }
    )


def write_evaluation(
    results: Path,
    model: str,
    dataset: str,
    films: pd.DataFrame,
    threshold: float = 0.5,
    weights_sha256: str = "a" * 64,
    version: str = "1.0.0",
) -> dict[str, Any]:
    """Write an evaluation and give its summary."""
    folder = results / "evaluations" / model
    folder.mkdir(parents=True, exist_ok=True)
    summary = {
        "model": model,
        "version": version,
        "dataset": dataset,
        "date": "2025-02-03",
        "weights_sha256": weights_sha256,
        **with_intervals(films, threshold, samples=20),
    }
    write_json(folder / f"{dataset}.json", summary)
    write_table(folder / f"{dataset}.csv", films)
    return summary


@cache
def _measured(apart: float, seed: int) -> tuple[str, float, dict[str, Any]]:
    """What a run leaves of its validation films: predictions.csv, the threshold, the metrics.

    Studies have dozens of runs with the same films, whose intervals need not be drawn again.
    """
    films = predictions(30, 50, seed, apart)
    threshold = balanced_threshold(films)
    metrics = with_intervals(films, threshold, samples=20)
    return films.to_csv(index=False, float_format="%.6g"), threshold, metrics


def write_run(
    results: Path, name: str, apart: float = 5.0, seed: int = 0, converged: bool = True
) -> Path:
    """Write a run of six epochs."""
    folder = results / "runs" / name
    folder.mkdir(parents=True)
    films, threshold, metrics = _measured(apart, seed)
    losses = [0.6, 0.4, 0.3, 0.25, 0.2 if converged else 0.22, 0.21]
    best = int(np.argmin(losses))
    history = pd.DataFrame(
        {
            "epoch": range(1, 7),
            "train_loss": [0.7, 0.5, 0.4, 0.35, 0.3, 0.28],
            "val_loss": losses,
            "val_accuracy": [0.7, 0.8, 0.85, 0.9, 0.92, 0.91],
            "val_auroc": [0.8, 0.9, 0.95, 0.96, 0.97, 0.97],
            "learning_rate": 1e-3,
            "seconds": 10.0,
        }
    )
    write_table(folder / "history.csv", history)
    (folder / "predictions.csv").write_text(films, encoding="utf-8")
    write_json(
        folder / "run.json",
        {
            "name": name,
            "training_seconds": 60,
            "config": {
                "architecture": name.split("-")[0],
                "init": "none",
                "size_px": 112,
                "mixup_prob": 0.3,
                "seed": seed,
            },
            "epochs_run": 6,
            "best_epoch": best + 1,
            "converged": best < 5,
            "val_loss": losses[best],
            "parameters": 6_954_881,
            "threshold": threshold,
            "metrics": {"validation": deepcopy(metrics)},
        },
    )
    return folder


def write_study(
    results: Path,
    name: str,
    losses: Mapping[str, Sequence[float]],
    tested: bool = False,
    unconverged: frozenset[str] = frozenset(),
) -> None:
    """Write runs of a study, and the table of all: the validation loss of each variant's seeds."""
    for run, config in _runs_of(name):
        place = next(v.seeds for v in ALL_STUDIES[name].variants if v.name == run.variant)
        seed = place.index(config["seed"])
        if seed >= len(losses.get(run.variant, ())):
            continue
        loss = losses[run.variant][seed]
        folder = write_run(results, run.name, seed=seed, converged=run.variant not in unconverged)
        summary = json.loads((folder / "run.json").read_text())
        metrics = summary["metrics"]
        metrics["validation"]["log_loss"]["value"] = loss
        metrics["train"] = {"n": 50, "log_loss": {"value": 0.8 * loss}, "auroc": {"value": 0.99}}
        if tested:
            metrics["test"] = {**metrics["validation"], "log_loss": {"value": 2 * loss}}
        write_json(folder / "run.json", {**summary, "config": config})
    write_study_table(results)


def _runs_of(name: str) -> list[tuple[Any, Mapping[str, Any]]]:
    """The runs of a study, each with its settings."""
    if name in EARLIER_STUDIES:
        return [(run, run.settings) for run in earlier_runs(EARLIER_STUDIES[name])]
    return [(run, asdict(run.config)) for run in planned_runs(ALL_STUDIES[name])]


def with_evidence(films: pd.DataFrame, summary: dict[str, Any]) -> dict[str, Any]:
    """A summary with a review band from 0.2 to 0.8, and bacterial and viral pneumonias."""
    held = sigmoid(films["logit"])
    held = (held >= 0.2) & (held < 0.8)
    threshold = summary["threshold"]
    ill = films["truth"] == 1
    half = films.index % 2 == 0
    return {
        **summary,
        "review": {
            "low": 0.2,
            "high": 0.8,
            "n": int(held.sum()),
            "share": float(held.mean()),
            "rest": with_intervals(films[~held], threshold, samples=20),
        },
        "subgroups": {
            "virus": with_intervals(films[~ill | half], threshold, samples=20),
            "bacteria": with_intervals(films[~ill | ~half], threshold, samples=20),
        },
    }


def candidate(runs: list[str], **auroc: float) -> Candidate:
    """A candidate of a choice, by its AUROC under conditions."""
    worst = min(auroc, key=auroc.__getitem__)
    return Candidate(
        runs=tuple(runs),
        auroc=auroc,
        plain_log_loss=0.1,
        worst_condition=worst,
        worst_auroc=auroc[worst],
    )


def write_choice(
    results: Path,
    name: str,
    candidates: list[Candidate],
    chosen: list[str],
    date: str = "2025-02-03",
) -> None:
    """Write the record of a choice."""
    folder = results / "selection"
    folder.mkdir(exist_ok=True)
    record: dict[str, Any] = {"why": f"Which {name}?", "rule": RULE, "date": date}
    write_json(
        folder / f"{name}.json",
        {**record, "candidates": list(map(asdict, candidates)), "chosen": chosen},
    )
