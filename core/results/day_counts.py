"""Counts of a running service that outlive it: a file a day, and nothing of a patient in it.

``READING_ROOM_COUNTS`` names the folder; where it is not set, nothing is counted. One process may
write into a folder.
"""

import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from pathlib import Path
from threading import Lock

from core.results.folder import write_json

COUNTS_VARIABLE = "READING_ROOM_COUNTS"
KEPT_DAYS = 90
Counts = dict[str, dict[str, int]]
"""How often, by table and entry, such as ``{"verdicts": {"NORMAL": 3}}``."""

_LOG = logging.getLogger(__name__)


def _today() -> date:
    return datetime.now().astimezone().date()


class DayCounts:
    """The counts of each day. Safe to share between threads.

    Args:
        folder: Where they are; made when the first is written.
        today: Says which day it is.
    """

    def __init__(self, folder: Path, today: Callable[[], date] = _today) -> None:
        self._folder, self._today = folder, today
        self._lock = Lock()
        self._has_told = False
        self.has_failed = False
        """Whether the last counts could not be written, and are lost, or could not be read."""

    def add(self, counted: Mapping[tuple[str, str], int]) -> None:
        """Add to the counts of today; where that fails, it is logged once and nothing is raised.

        Args:
            counted: How much to add, by table and entry.
        """
        with self._lock:
            try:
                self._add(counted)
            except OSError as error:
                self.has_failed = True
                if not self._has_told:
                    self._has_told = True
                    _LOG.error("counts cannot be written to %s: %s", self._folder, error.strerror)
            else:
                self.has_failed = False

    def _add(self, counted: Mapping[tuple[str, str], int]) -> None:
        day = self._today()
        file = self._file(day)
        if not file.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._sweep(day)
        counts = _read(file)
        for (table, entry), number in counted.items():
            entries = counts.setdefault(table, {})
            entries[entry] = entries.get(entry, 0) + number
        write_json(file, counts)

    def last(self, days: int) -> dict[date, Counts]:
        """The counts of the days that have some, today among them, the earliest first.

        Args:
            days: How many days back, from 1.
        """
        today = self._today()
        try:
            files = [(day, file) for day, file in self._files() if 0 <= (today - day).days < days]
            return {day: _read(file) for day, file in sorted(files)}
        except OSError:
            self.has_failed = True
            return {}

    def _file(self, day: date) -> Path:
        return self._folder / f"counts-{day}.json"

    def _files(self) -> Iterator[tuple[date, Path]]:
        for file in self._folder.glob("counts-*.json"):
            with suppress(ValueError):  # not one of ours
                yield date.fromisoformat(file.stem.removeprefix("counts-")), file

    def _sweep(self, today: date) -> None:
        """Remove what is too old, and what a process that ended while it wrote left behind."""
        old = [file for day, file in self._files() if (today - day).days >= KEPT_DAYS]
        for file in (*old, *self._folder.glob(".counts-*.draft")):
            file.unlink(missing_ok=True)


def _read(file: Path) -> Counts:
    """The counts of a file; none where it is not there or is damaged."""
    try:
        content = json.loads(file.read_bytes())
        return {
            str(table): {str(entry): int(number) for entry, number in entries.items()}
            for table, entries in content.items()
        }
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError):
        _LOG.error("the counts in %s are damaged and left out", file)
        return {}


def counts_in_use() -> DayCounts | None:
    """The counts of the folder that ``READING_ROOM_COUNTS`` names; None where it names none."""
    folder = os.environ.get(COUNTS_VARIABLE)
    return _shared(folder) if folder else None


_making = Lock()


@cache
def _made(folder: str) -> DayCounts:
    return DayCounts(Path(folder))


def _shared(folder: str) -> DayCounts:
    with _making:
        return _made(folder)
