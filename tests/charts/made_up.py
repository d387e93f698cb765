"""A made-up folder of results, in the formats that training and evaluation write."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.metrics import threshold_at_sensitivity, with_intervals
from core.results import write_json, write_table


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
    results: Path, model: str, dataset: str, films: pd.DataFrame, threshold: float = 0.5
) -> dict[str, Any]:
    """Write an evaluation and give its summary."""
    folder = results / "evaluations" / model
    folder.mkdir(parents=True, exist_ok=True)
    summary = {
        "model": model,
        "dataset": dataset,
        "date": "2025-02-03",
        "weights_sha256": "a" * 64,
        **with_intervals(films, threshold, samples=20),
    }
    write_json(folder / f"{dataset}.json", summary)
    write_table(folder / f"{dataset}.csv", films)
    return summary


def write_run(
    results: Path, name: str, apart: float = 5.0, seed: int = 0, converged: bool = True
) -> Path:
    """Write a run of six epochs."""
    folder = results / "runs" / name
    folder.mkdir(parents=True)
    films = predictions(30, 50, seed, apart)
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
    write_table(folder / "predictions.csv", films)
    threshold = threshold_at_sensitivity(films)
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
            "metrics": {"validation": with_intervals(films, threshold, samples=20)},
        },
    )
    return folder
