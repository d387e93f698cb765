"""Runs in progress, as a training writes them elsewhere: how far, how long, and still alive?

A run works in ``results/.running/NAME``, one of a study in ``results/.running/STUDY/VARIANT@SEED``:
config.json from its start, history.csv after each epoch, and progress.json every few seconds (older
trainings write none). Nothing here changes anything.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from core.results.folder import results_folder
from core.results.packs import SUMMARY, packed_summaries
from core.results.runs import HISTORY_COLUMNS

RUNNING_FOLDER = ".running"
PROGRESS_FILE = "progress.json"
SILENT_SECONDS = 300
"""A training that writes signs of life and has not for so long has stopped."""
FIRST_EPOCH_SECONDS = 3600
"""One that writes none may take so long for its first epoch."""
_SLOW = 2.5
_RECENT_EPOCHS = 3


@dataclass(frozen=True, slots=True)
class RunningRun:
    """A run that has not finished.

    Args:
        name: Its folder's, of a study's run with the study's before it.
        config: Its settings, as ``TrainConfig`` has them.
        history: A row an epoch so far, columns ``HISTORY_COLUMNS``.
        progress: Its last sign of life: ``started`` and ``seen`` (ISO times), ``epoch`` (from 1),
            ``step`` of ``steps``, ``films_per_second``; None where it writes none.
        seen: When it last wrote anything.
    """

    name: str
    config: Mapping[str, Any]
    history: pd.DataFrame
    progress: Mapping[str, Any] | None
    seen: datetime

    @property
    def epochs(self) -> int:
        """How many epochs it runs at most."""
        return int(self.config["epochs"])

    @property
    def epochs_done(self) -> int:
        """How many epochs it has finished."""
        return len(self.history)

    @property
    def best_epoch(self) -> int | None:
        """The epoch with the lowest validation loss so far, from 1."""
        losses = self.history["val_loss"]
        return int(self.history["epoch"][losses.idxmin()]) if losses.notna().any() else None

    @property
    def patience_left(self) -> int:
        """After how many further epochs without a better loss it stops."""
        best = self.best_epoch
        waited = self.epochs_done - best if best else 0
        return max(0, int(self.config["patience"]) - waited)

    @property
    def epoch_share(self) -> float:
        """How much of the current epoch's training is done, 0 to 1; 0 where it does not tell."""
        if not self.progress or self.progress["epoch"] <= self.epochs_done:
            return 0.0
        return min(1.0, float(self.progress["step"] / max(1, self.progress["steps"])))

    @property
    def films_per_second(self) -> float | None:
        """Films a second in the current epoch; None where it does not tell."""
        return float(self.progress["films_per_second"]) if self.progress else None

    def epoch_seconds(self) -> float | None:
        """How long an epoch takes, by the last few or by the pace of the first; None if unknown."""
        if self.epochs_done:
            return float(self.history["seconds"].tail(_RECENT_EPOCHS).median())
        if not self.films_per_second or not self.progress:
            return None
        return float(self.progress["steps"] * self.config["batch_size"] / self.films_per_second)

    def is_silent(self, now: datetime) -> bool:
        """Whether it has been silent for longer than a live training ever is."""
        limit: float = SILENT_SECONDS
        if self.progress is None:
            longest = self.history["seconds"].max() if self.epochs_done else None
            limit = max(limit, _SLOW * longest) if longest else FIRST_EPOCH_SECONDS
        return (now - self.seen).total_seconds() > limit

    def seconds_left(self, now: datetime) -> tuple[float, float] | None:
        """The seconds that are left, if no loss is better any more and if all epochs are run.

        Args:
            now: The time.

        Returns:
            None where it is silent, or does not tell how long an epoch takes.
        """
        each = self.epoch_seconds()
        if each is None or self.is_silent(now):
            return None
        spent = self.epoch_share * each
        if self.progress is None:
            spent = min(each, max(0.0, (now - self.seen).total_seconds()))
        left = max(0, self.epochs - self.epochs_done)
        soonest, latest = (
            max(0.0, epochs * each - spent) for epochs in (min(left, self.patience_left), left)
        )
        return soonest, latest


def read_running(results: Path | None = None) -> tuple[RunningRun, ...]:
    """All unfinished runs, the one last heard of first.

    A run that finishes while it is read, or whose files cannot be read, is left out.

    Args:
        results: Folder of results; ``results_folder()`` if None.
    """
    base = (results or results_folder()) / RUNNING_FOLDER
    found = (
        _read_one(file.parent, file.parent.relative_to(base).as_posix())
        for file in _in_runs(base, "config.json")
    )
    return tuple(sorted(filter(None, found), key=lambda run: run.seen, reverse=True))


def _in_runs(base: Path, name: str) -> tuple[Path, ...]:
    """The files of that name in runs, and in the runs of studies."""
    return (*base.glob(f"*/{name}"), *base.glob(f"*/*/{name}"))


def _read_one(folder: Path, name: str) -> RunningRun | None:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        progress = _json_if_there(folder / PROGRESS_FILE)
        history = pd.DataFrame(columns=list(HISTORY_COLUMNS), dtype=float)
        if (folder / "history.csv").is_file():
            history = pd.read_csv(folder / "history.csv")[list(HISTORY_COLUMNS)]
        written = max(file.stat().st_mtime for file in folder.iterdir())
        seen = datetime.fromtimestamp(written, UTC)
        if progress is not None:
            seen = datetime.fromisoformat(progress["seen"])
        run = RunningRun(name, config, history, progress, seen)
        _ = run.patience_left, run.epochs, run.epoch_share, run.epoch_seconds()  # all is there
        return run
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _json_if_there(file: Path) -> dict[str, Any] | None:
    if not file.is_file():
        return None
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def finished_lately(results: Path | None = None, at_most: int = 5) -> tuple[Mapping[str, Any], ...]:
    """run.json of the runs that finished last, the latest first.

    Args:
        results: Folder of results; ``results_folder()`` if None.
        at_most: How many.
    """
    results = results or results_folder()
    summaries = [each for each in packed_summaries(results).values() if each.get("finished")]
    for file in _in_runs(results / "runs", SUMMARY):
        try:
            summary = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if summary.get("finished"):
            summaries.append(summary)
    latest = sorted(summaries, key=lambda summary: str(summary["finished"]), reverse=True)
    return tuple(latest[:at_most])
