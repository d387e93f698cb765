"""Turns at reading: all sessions of this process share its cores, and none waits for a long list.

As many films are read at once as torch may use threads, which is the cores or ``OMP_NUM_THREADS``,
and each on one thread: on cores that are busy, several threads of a film wait for each other.
Sessions take turns, a film each time; within a session who comes first goes first.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Condition

import torch

Told = Callable[[int], None]
"""Is told how many readings go on or wait before one that waits."""

PassOn = Callable[[], None]
_LOOK_SECONDS = 0.5


def nobody(before: int) -> None:
    """Tell nobody."""


class Turns:
    """A queue of readings that takes turns between owners. Safe to share between threads.

    Args:
        at_once: How many readings may go on at once.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._going_on = 0
        self._waiting: OrderedDict[Hashable, deque[object]] = OrderedDict()  # next owner first
        self._changed = Condition()

    def __len__(self) -> int:
        """How many readings wait."""
        with self._changed:
            return sum(map(len, self._waiting.values()))

    @contextmanager
    def turn(self, owner: Hashable, told: Told = nobody) -> Iterator[PassOn]:
        """Wait for a turn and hold it; from then on torch has one thread here.

        Args:
            owner: Whose reading it is; owners take turns. This thread holds no other turn.
            told: Called in this thread while it waits, at least twice a second. What it raises
                takes the reading out of the queue, so a session that ends or is told to do
                something else does not keep its place.

        Yields:
            What a long reading calls between its parts: it lets those go first who wait.
        """
        self._wait(owner, told)
        try:
            torch.set_num_threads(1)
            yield lambda: self._pass_on(owner, told)
        finally:
            self._count(-1)

    def _pass_on(self, owner: Hashable, told: Told) -> None:
        if len(self):
            self._count(-1)
            try:
                self._wait(owner, told)
            except BaseException:
                self._count(1)  # the end of the turn counts it off
                raise

    def _count(self, readings: int) -> None:
        with self._changed:
            self._going_on += readings
            self._changed.notify_all()

    def _wait(self, owner: Hashable, told: Told) -> None:
        ticket = object()
        with self._changed:
            self._waiting.setdefault(owner, deque()).append(ticket)
        try:
            while True:
                with self._changed:
                    if self._starts(owner, ticket):
                        return
                    before = self._before(owner, ticket)
                told(before)
                with self._changed:
                    if not self._is_next(owner, ticket):
                        self._changed.wait(_LOOK_SECONDS)
        except BaseException:
            with self._changed:
                self._leave(owner, ticket)
            raise

    def _is_next(self, owner: Hashable, ticket: object) -> bool:
        first = next(iter(self._waiting))
        is_first = first == owner and self._waiting[owner][0] is ticket
        return is_first and self._going_on < self._at_once

    def _starts(self, owner: Hashable, ticket: object) -> bool:
        """Let a reading go on if it is next; its owner goes behind all others."""
        if not self._is_next(owner, ticket):
            return False
        self._leave(owner, ticket)
        if owner in self._waiting:
            self._waiting.move_to_end(owner)
        self._going_on += 1
        return True

    def _leave(self, owner: Hashable, ticket: object) -> None:
        self._waiting[owner].remove(ticket)
        if not self._waiting[owner]:
            del self._waiting[owner]
        self._changed.notify_all()

    def _before(self, owner: Hashable, ticket: object) -> int:
        """How many readings go on or come before one that waits, if nobody joins."""
        owners, own = list(self._waiting), self._waiting[owner].index(ticket)
        at = owners.index(owner)
        return (
            self._going_on
            + own
            + sum(
                min(len(self._waiting[other]), own + (place < at))
                for place, other in enumerate(owners)
                if place != at
            )
        )


TURNS = Turns(torch.get_num_threads())
"""Of this process."""
