"""Order and filters of the worklist: urgent first."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.inference.worklist.rows import Row, Standing

URGENCY = tuple(Standing)
"""The most urgent first; within a verdict the higher probability."""


class Sorting(StrEnum):
    """What the list is sorted by."""

    URGENCY = "urgency"
    ARRIVAL = "arrival"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which lines are shown.

    Args:
        standings: Those of these standings; all where it is empty.
        words: Those whose name or note has these letters, whatever their case.
        unseen: Those alone that the reader has not opened.
    """

    standings: frozenset[Standing] = frozenset()
    words: str = ""
    unseen: bool = False

    def admits(self, row: Row) -> bool:
        """Whether a line is shown."""
        text = f"{row.entry.name}\n{row.opinion.note}".casefold()
        return (
            (not self.standings or row.standing in self.standings)
            and self.words.strip().casefold() in text
            and not (self.unseen and row.seen)
        )


def arranged(rows: Sequence[Row], sorting: Sorting, choice: Choice) -> list[Row]:
    """The lines that are shown, in order."""
    keys = {
        Sorting.URGENCY: _urgency,
        Sorting.ARRIVAL: lambda row: (row.entry.number,),
        Sorting.NAME: lambda row: (row.entry.name.casefold(), row.entry.number),
    }
    return sorted(filter(choice.admits, rows), key=keys[sorting])


def _urgency(row: Row) -> tuple[int, float, int]:
    probability = row.diagnosis.probability if row.diagnosis else 0.0
    return URGENCY.index(row.standing), -probability, row.entry.number
