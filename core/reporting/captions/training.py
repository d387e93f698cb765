"""Runs in progress and just finished, in words and as a table."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import pandas as pd

from core.messages.catalogue import text
from core.models import REGISTRY
from core.reporting.captions.evidence import with_interval
from core.reporting.captions.runs import start_words
from core.results.progress import RunningRun

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def duration_words(seconds: float, language: str) -> str:
    """A duration as people say it: in seconds, in minutes, or in hours and minutes.

    Examples:
        >>> duration_words(42, "en"), duration_words(600, "en"), duration_words(7500, "en")
        ('42 s', '10 min', '2 h 5 min')
    """
    words = partial(text, language)
    if seconds < _MINUTE:
        return words("training.seconds", seconds=round(seconds))
    minutes = round(seconds / _MINUTE)
    if minutes < 60:
        return words("training.minutes", minutes=minutes)
    if seconds < 2 * _DAY:
        return words("training.hours", hours=minutes // 60, minutes=minutes % 60)
    return words("training.days", days=round(seconds / _DAY))


def state_sentence(run: RunningRun, now: datetime, language: str) -> str:
    """How far a run is, and how long it has to go; or since when it has been silent."""
    words = partial(text, language)
    ago = duration_words(max(0.0, (now - run.seen).total_seconds()), language)
    if run.is_silent(now):
        return words("training.silent", ago=ago, done=run.epochs_done, epochs=run.epochs)
    left = run.seconds_left(now)
    if left is None:
        return words("training.first_epoch", epochs=run.epochs)
    soonest, latest = (duration_words(seconds, language) for seconds in left)
    if soonest == latest:
        return words("training.left", latest=latest)
    return words("training.left_or_sooner", latest=latest, soonest=soonest)


def settings_words(run: RunningRun, language: str) -> str:
    """What is being trained: architecture, start, input side, mixup share and seed."""
    config = run.config
    spec = REGISTRY.get(config["architecture"])
    return text(
        language,
        "training.settings",
        architecture=spec.title if spec else config["architecture"],
        init=start_words(config["init"], language),
        size=config["size_px"],
        mixup=f"{100 * config['mixup_prob']:g}",
        seed=config["seed"],
    )


def loss_sentence(run: RunningRun, language: str) -> str:
    """The best validation loss so far, and whether the last epoch brought it."""
    words = partial(text, language)
    best = run.best_epoch
    if best is None:
        return words("training.caption.nothing")
    loss = f"{run.history['val_loss'].min():.4f}"
    if best == run.epochs_done:
        return words("training.caption.improving", loss=loss, epoch=best)
    key = "stops" if run.epochs_done + run.patience_left < run.epochs else "runs_on"
    return words(
        f"training.caption.{key}",
        loss=loss,
        epoch=best,
        waited=run.epochs_done - best,
        stop=min(run.epochs, run.epochs_done + run.patience_left),
    )


def auroc_sentence(run: RunningRun, language: str) -> str:
    """The AUROC on the held-out patients after the last epoch, and at the best one."""
    history = run.history
    at_best = history.loc[history["epoch"] == run.best_epoch, "val_auroc"]
    return text(
        language,
        "training.caption.auroc",
        last=f"{history['val_auroc'].iloc[-1]:.4f}",
        best=f"{at_best.iloc[0]:.4f}" if len(at_best) else text(language, "metric.undefined"),
    )


def finished_table(
    summaries: Sequence[Mapping[str, Any]], now: datetime, language: str
) -> pd.DataFrame:
    """A row a finished run: when, how many epochs, its loss and AUROC on held-out patients."""
    words = partial(text, language)
    rows = [
        (
            summary["name"],
            words("training.ago", time=_since(summary["finished"], now, language)),
            duration_words(summary["training_seconds"], language),
            words("training.best_of", best=summary["best_epoch"], epochs=summary["epochs_run"]),
            f"{summary['val_loss']:.4f}",
            with_interval("auroc", summary["metrics"]["validation"]["auroc"], language),
            words("training.converged" if summary["converged"] else "training.unconverged"),
        )
        for summary in summaries
    ]
    keys = ("run", "finished", "took", "best", "loss", "auroc", "converged")
    columns = [words(f"training.column.{key}") for key in keys]
    return pd.DataFrame(rows, columns=columns).set_index(columns[0])


def _since(finished: str, now: datetime, language: str) -> str:
    seconds = (now - datetime.fromisoformat(finished)).total_seconds()
    return duration_words(max(0.0, seconds), language)
