"""Room for dropped files: so much for one list, and so much for the lists of all sessions."""

from collections.abc import Mapping
from threading import Lock
from weakref import WeakKeyDictionary

from core.messages.errors import FilmError, SessionsFull, UploadsFull

LIST_LIMIT_MB, ALL_LISTS_LIMIT_MB = 1024, 4096


class Room:
    """What the lists of a server keep. Safe to share between threads.

    A list that is gone, as its session or its tab's ten minutes ended, counts no more.

    Args:
        list_mb: What the files of one list may take, in MiB.
        all_mb: What those of all lists may take together.
    """

    def __init__(self, list_mb: int = LIST_LIMIT_MB, all_mb: int = ALL_LISTS_LIMIT_MB) -> None:
        self._list_mb, self._all_mb = list_mb, all_mb
        self._kept: WeakKeyDictionary[object, dict[str, int]] = WeakKeyDictionary()
        self._lock = Lock()

    def take(self, owner: object, upload: str, size_bytes: int) -> FilmError | None:
        """Take room for a file of a list.

        Args:
            owner: The list.
            upload: Under which the room is given back.
            size_bytes: Of the file.

        Returns:
            Why there is none; None where it was taken.
        """
        with self._lock:
            own = self._kept.setdefault(owner, {})
            if sum(own.values()) + size_bytes > self._list_mb * 2**20:
                return UploadsFull(size_mb=size_bytes / 2**20, limit_mb=self._list_mb)
            everyone = sum(sum(each.values()) for each in list(self._kept.values()))
            if everyone + size_bytes > self._all_mb * 2**20:
                return SessionsFull(size_mb=size_bytes / 2**20)
            own[upload] = size_bytes
            return None

    def give_back(self, owner: object, upload: str) -> None:
        """Give back the room of a file, if it had any."""
        with self._lock:
            self._kept.get(owner, {}).pop(upload, None)

    def sizes(self, owner: object) -> Mapping[str, int]:
        """How much the files of a list take, by upload."""
        with self._lock:
            return dict(self._kept.get(owner, {}))


ROOM = Room()
"""Of this server."""
