"""How much memory all films take together while they are decoded: several wait for each other."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, get_ident

MAX_IN_FLIGHT_MB = 1000
"""Of all films that a process decodes at once, counted as ``check_size`` counts one."""


class InFlight:
    """A semaphore counted in bytes. Who comes first goes first; what is over the limit goes alone.

    Args:
        limit_bytes: What all films may take together.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._held: dict[int, float] = {}  # by thread
        self._waiting: deque[int] = deque()
        self._changed = Condition()

    @contextmanager
    def film(self) -> Iterator[None]:
        """What this thread takes inside is given back at the end."""
        with self._changed:
            self._held[get_ident()] = 0
        try:
            yield
        finally:
            with self._changed:
                del self._held[get_ident()]
                self._changed.notify_all()

    def take(self, size_bytes: float) -> None:
        """Wait until there is room for this thread's film; counts inside ``film`` alone.

        What the thread took before is given back first, so that nobody waits who holds anything.
        """
        me = get_ident()
        with self._changed:
            if me not in self._held:
                return
            self._held[me] = 0
            self._waiting.append(me)
            self._changed.notify_all()
            try:
                self._changed.wait_for(
                    lambda: self._waiting[0] == me and self._has_room(size_bytes)
                )
                self._held[me] = size_bytes
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()

    def _has_room(self, size_bytes: float) -> bool:
        taken = sum(self._held.values())
        return taken == 0 or taken + size_bytes <= self._limit_bytes


IN_FLIGHT = InFlight(MAX_IN_FLIGHT_MB * 1_000_000)
"""Of this process."""
