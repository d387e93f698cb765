"""Things a batch at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

BATCH_SIZE = 16
Item = TypeVar("Item")


def in_batches(items: Iterable[Item], size: int = BATCH_SIZE) -> Iterator[list[Item]]:
    """Lists of up to ``size`` items each, in order."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
