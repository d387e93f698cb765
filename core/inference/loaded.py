"""Networks that ship, loaded once for all sessions, and again when a file of them changes.

A file that is removed, replaced or damaged while the server runs is noticed before the next film:
nothing is diagnosed until it is right again, and no restart is needed then.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from core.models.weights import WEIGHTS_FOLDER

Network = TypeVar("Network")
Stamp = frozenset[tuple[Path, int, int, int]]


class Loaded(Generic[Network]):
    """What is loaded from a folder, by name. Safe to share between threads.

    Args:
        load: Loads and verifies it; an error is raised to who asked, and the next try loads again.
        folder: Where its files are; all that ship with it count as its own.
    """

    def __init__(self, load: Callable[[str], Network], folder: Path = WEIGHTS_FOLDER) -> None:
        self._load, self._folder = load, folder
        self._found: dict[str, tuple[Stamp, Network]] = {}
        self._loading = Lock()

    def __call__(self, name: str = "") -> Network:
        """What has a name, the same object as long as the files are as they were.

        Raises:
            WeightsError: A file is missing, damaged or not the one that its card names.
        """
        with self._loading:
            now = stamp(self._folder)
            before = self._found.pop(name, None)
            network = before[1] if before and before[0] == now else self._load(name)
            self._found[name] = now, network
            return network


def stamp(folder: Path) -> Stamp:
    """What tells whether a file of a folder was added, removed or written."""
    seen = []
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):  # just removed
            found = file.stat()
            seen.append((file, found.st_mtime_ns, found.st_size, found.st_ino))
    return frozenset(seen)
