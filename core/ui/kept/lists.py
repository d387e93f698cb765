"""Where lists stay while nobody looks at them: in memory, bounded, for ten minutes.

A list is kept from its first film on, under a token that only its tab knows. As long as the tab is
connected it costs nothing: the list is in memory anyway. Once the tab is gone the ten minutes run.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from secrets import token_urlsafe
from threading import Lock
from typing import Any

KEPT_SECONDS = 600.0
MOST_LISTS = 32
MOST_BYTES = 2 * 2**30
"""Of the lists whose tabs are gone, so many, and with so much in their files, are kept."""

_TOKEN_BYTES = 32
_MOST_MOVED = 1000


@dataclass(slots=True)
class Kept:
    """A list as its tab holds it.

    Args:
        owner: The session of that tab.
        seen: When it was last known to be connected, in seconds of the store's clock.
        state: What is kept, by its names in the session.
        size_bytes: How much memory its files take.
        token: Who knows it may take the list over.
    """

    owner: str
    seen: float
    state: Mapping[str, Any] = field(repr=False)
    size_bytes: int
    token: str = field(repr=False, default_factory=lambda: token_urlsafe(_TOKEN_BYTES))


class KeptLists:
    """The lists of all tabs. Safe to share between threads.

    Args:
        is_connected: Whether a session still has its tab.
        clock: Seconds that only go forward.
        most_lists: How many lists are kept whose tabs are gone ...
        most_bytes: ... and how much their files may take together.
    """

    def __init__(
        self,
        is_connected: Callable[[str], bool],
        clock: Callable[[], float] = time.monotonic,
        most_lists: int = MOST_LISTS,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.most_bytes = most_bytes
        self._is_connected, self._clock, self._most_lists = is_connected, clock, most_lists
        self._by_owner: dict[str, Kept] = {}
        self._moved: deque[str] = deque(maxlen=_MOST_MOVED)
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._by_owner)

    def keep(self, owner: str, state: Mapping[str, Any], size_bytes: int) -> str:
        """Keep what a session holds now.

        Args:
            owner: The session.
            state: What it holds, by name; not copied.
            size_bytes: How much memory its files take.

        Returns:
            The token of its tab, the same each time.
        """
        with self._lock:
            kept = self._by_owner.get(owner)
            if kept is None:
                kept = self._by_owner[owner] = Kept(owner, self._clock(), state, size_bytes)
            kept.state, kept.size_bytes, kept.seen = state, size_bytes, self._clock()
            return kept.token

    def forget(self, owner: str) -> None:
        """Let go of what a session held."""
        with self._lock:
            self._by_owner.pop(owner, None)

    def claim(self, token: str, owner: str) -> Mapping[str, Any] | None:
        """Move a list to another session, under another token.

        Args:
            token: What the tab knows.
            owner: The session that takes the list over.

        Returns:
            What was kept; None where the token opens nothing, or no longer does.
        """
        self.sweep()
        with self._lock:
            kept = next((each for each in self._by_owner.values() if each.token == token), None)
            if kept is None or kept.owner == owner:
                return None
            del self._by_owner[kept.owner]
            self._moved.append(kept.owner)
            moved = Kept(owner, self._clock(), kept.state, kept.size_bytes)
            self._by_owner[owner] = moved
            return moved.state

    def has_moved(self, owner: str) -> bool:
        """Whether another session has taken over what this one held; true once."""
        with self._lock:
            if owner not in self._moved:
                return False
            self._moved.remove(owner)
            return True

    def sweep(self) -> None:
        """Drop what nobody has come back for, and of the rest the oldest beyond the limits."""
        with self._lock:
            now = self._clock()
            left = []
            for kept in self._by_owner.values():
                if self._is_connected(kept.owner):
                    kept.seen = now
                else:
                    left.append(kept)
            lists, size_bytes = 0, 0
            for kept in sorted(left, key=lambda each: each.seen, reverse=True):
                lists, size_bytes = lists + 1, size_bytes + kept.size_bytes
                is_over = lists > self._most_lists or size_bytes > self.most_bytes
                if is_over or now - kept.seen >= KEPT_SECONDS:
                    lists, size_bytes = lists - 1, size_bytes - kept.size_bytes
                    del self._by_owner[kept.owner]
