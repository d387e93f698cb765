"""The lines of a list: a file, what came of reading it, and what the reader says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.data.labels import Verdict
from core.imaging import Notice
from core.inference.diagnosis import Diagnosis
from core.inference.reading import Opinion
from core.inference.worklist.entries import Entry
from core.messages.errors import FilmError


class Standing(StrEnum):
    """How a file stands in the list: its verdict, refused, or still waiting."""

    PNEUMONIA = "PNEUMONIA"
    REVIEW = "REVIEW"
    NORMAL = "NORMAL"
    REFUSED = "REFUSED"
    WAITING = "WAITING"


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of reading a file with a model.

    Args:
        outcome: The diagnosis, or why the file is refused.
        model: The model's name.
        version: And version.
        read_at: When, in UTC.
        file_sha256: Of the file; None where it could not be opened.
        notices: What the reader should be told of the film.
        thumbnail: ``data:`` address of a small picture; empty where there is none.
    """

    outcome: Diagnosis | FilmError
    model: str
    version: str
    read_at: datetime
    file_sha256: str | None = None
    notices: tuple[Notice, ...] = ()
    thumbnail: str = field(default="", repr=False)

    @property
    def diagnosis(self) -> Diagnosis | None:
        """The diagnosis, where there is one."""
        return self.outcome if isinstance(self.outcome, Diagnosis) else None

    @property
    def refusal(self) -> FilmError | None:
        """Why the file is refused, where it is."""
        return self.outcome if isinstance(self.outcome, FilmError) else None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list.

    Args:
        entry: The file.
        finding: What came of it; None while it waits.
        opinion: What the reader says of the diagnosis.
        seen: Whether the reader has opened it.
    """

    entry: Entry
    finding: Finding | None
    opinion: Opinion
    seen: bool

    @property
    def diagnosis(self) -> Diagnosis | None:
        """The diagnosis, where there is one."""
        return self.finding.diagnosis if self.finding else None

    @property
    def standing(self) -> Standing:
        """How the file stands."""
        if self.finding is None:
            return Standing.WAITING
        verdict: Verdict | None = self.diagnosis.verdict if self.diagnosis else None
        return Standing(verdict) if verdict else Standing.REFUSED


def counted(rows: Sequence[Row]) -> Mapping[Standing, int]:
    """How many lines stand how; every standing is there."""
    return {standing: sum(row.standing == standing for row in rows) for standing in Standing}
