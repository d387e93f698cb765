"""Training runs: their table, and the captions of their charts."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from core.messages.catalogue import text
from core.reporting.numbers import LOWER_IS_BETTER, written, written_interval
from core.results.runs import Run

RUN_METRICS = ("log_loss", "auroc", "auprc", "accuracy", "sensitivity", "specificity", "ece")


def runs_table(runs: Sequence[Run]) -> pd.DataFrame:
    """A row a run, the lowest validation loss first; column names are not translated.

    ``val_loss`` is the log loss of predictions.csv, which the best epoch made in full precision.
    ``val_accuracy`` is at the run's own operating point. Rates are 0 to 1, ``parameters_m`` counts
    millions.
    """
    return pd.DataFrame([_row(run) for run in by_metric(runs, "log_loss")])


def _row(run: Run) -> dict[str, Any]:
    summary, config = run.summary, run.summary["config"]
    validation = validation_metrics(run)
    return {
        "run": run.name,
        "val_loss": validation["log_loss"]["value"],
        "val_auroc": validation["auroc"]["value"],
        "val_auroc_low": validation["auroc"]["low"],
        "val_auroc_high": validation["auroc"]["high"],
        "val_accuracy": validation["accuracy"]["value"],
        "val_films": validation["n"],
        "architecture": config["architecture"],
        "init": config["init"],
        "size_px": config["size_px"],
        "mixup_prob": config["mixup_prob"],
        "seed": config["seed"],
        "epochs_run": summary["epochs_run"],
        "best_epoch": summary["best_epoch"],
        "converged": summary["converged"],
        "parameters_m": summary["parameters"] / 1e6,
        "training_minutes": summary["training_seconds"] / 60,
    }


def validation_metrics(run: Run) -> Mapping[str, Any]:
    """A run's metrics on its held-out patients, as ``with_intervals`` gives them."""
    metrics: Mapping[str, Any] = run.summary["metrics"]["validation"]
    return metrics


def by_metric(runs: Sequence[Run], metric: str) -> list[Run]:
    """The runs on which a metric is defined, the best first.

    Args:
        runs: Runs in any order.
        metric: One of ``core.metrics.classification.METRICS``.
    """
    sign = 1 if metric in LOWER_IS_BETTER else -1
    defined = [run for run in runs if validation_metrics(run)[metric]["value"] is not None]
    return sorted(defined, key=lambda run: sign * validation_metrics(run)[metric]["value"])


def start_words(init: str, language: str) -> str:
    """Where a run's first weights came from.

    Args:
        init: ``none``, ``imagenet``, or the path of a run's weights.
        language: A language of the catalogue.
    """
    if init in ("none", "imagenet"):
        return text(language, f"models.init.{init}")
    path = PurePosixPath(init)
    return text(language, "models.init.run", run=path.parent.name or path.stem)


def runs_sentence(runs: Sequence[Run], language: str) -> str:
    """Which run has the lowest validation loss.

    Args:
        runs: At least one run.
        language: A language of the catalogue.
    """
    best, *others = by_metric(runs, "log_loss")
    loss = written("log_loss", validation_metrics(best)["log_loss"]["value"], language)
    key = "models.sentence" if others else "models.one"
    return text(language, key, runs=len(runs), best=best.name, loss=loss)


def seeds_sentence(runs: Sequence[Run], language: str) -> str:
    """How many settings were trained with one seed only."""
    settings = Counter(
        json.dumps({**run.summary["config"], "seed": None}, sort_keys=True) for run in runs
    )
    alone = sum(times == 1 for times in settings.values())
    if alone == len(settings):
        return text(language, "models.alone")
    if alone:
        return text(language, "models.some_alone", alone=alone, settings=len(settings))
    return text(language, "models.none_alone")


def unconverged_sentence(runs: Sequence[Run], language: str) -> str | None:
    """The runs that stopped while their loss was still falling; None where there are none."""
    names = [run.name for run in runs if not run.summary["converged"]]
    return text(language, "models.unconverged", names=", ".join(names)) if names else None


def dots_caption(runs: Sequence[Run], metric: str, language: str) -> str:
    """The comparison in words: the best run by a metric, with its interval and n."""
    best = by_metric(runs, metric)[0]
    figures = validation_metrics(best)
    return text(
        language,
        "models.caption.dots",
        metric=text(language, f"metric.name.{metric}"),
        best=best.name,
        value=written(metric, figures[metric]["value"], language),
        interval=written_interval(metric, figures[metric], language),
        n=figures["n"],
    )


def loss_caption(runs: Sequence[Run], language: str) -> str:
    """The loss curves in words: each run's best epoch."""
    return _of_each(runs, "loss", "val_loss", language)


def auroc_caption(runs: Sequence[Run], language: str) -> str:
    """The AUROC curves in words: each run's value at its best epoch."""
    return _of_each(runs, "auroc", "val_auroc", language)


def _of_each(runs: Sequence[Run], curve: str, column: str, language: str) -> str:
    best = [
        text(
            language,
            "models.caption.best",
            run=run.name,
            epoch=run.summary["best_epoch"],
            epochs=run.summary["epochs_run"],
            value=f"{best_row(run)[column]:.3f}",
        )
        for run in runs
    ]
    return text(language, f"models.caption.{curve}", best=" ".join(best))


def best_row(run: Run) -> Mapping[str, float]:
    """The row of a run's history at its best epoch."""
    epochs = run.history["epoch"] == run.summary["best_epoch"]
    row: Mapping[str, float] = run.history[epochs].iloc[0].to_dict()
    return row
