"""What is counted of a reading, where counts are asked for: never anything of its patient."""

from collections import Counter
from collections.abc import Iterable

from core.imaging import Notice
from core.inference.diagnosis import Diagnosis
from core.messages.errors import ReadingRoomError
from core.results.day_counts import counts_in_use

VERDICTS, REFUSED, WARNINGS = "verdicts", "refused", "warnings"
AGREEMENT, SECONDS = "agreement", "seconds_to_verdict"
BIN_EDGES_S = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
BINS = (*(f"{edge:g}" for edge in BIN_EDGES_S), "more")
"""Of the time to a verdict, in seconds: each up to its name, the last is open."""

_SAID = {True: "agree", False: "disagree"}


def count_diagnosis(diagnosis: Diagnosis, notices: Iterable[Notice], seconds: float) -> None:
    """Count a film that was read, once.

    Args:
        diagnosis: Its diagnosis.
        notices: What the reader is told of it, by whoever says it.
        seconds: From asking for it to the diagnosis, waiting included.
    """
    keys = {notice.key for notice in notices}
    _count((VERDICTS, diagnosis.verdict), (SECONDS, _bin(seconds)), *((WARNINGS, k) for k in keys))


def count_refusal(error: ReadingRoomError) -> None:
    """Count a file that was not read, by the reason's key."""
    _count((REFUSED, error.key))


def count_opinion(before: bool | None, after: bool | None) -> None:
    """Count whether the reader agrees; one that is changed is taken back."""
    if before is after or (days := counts_in_use()) is None:
        return
    changes = ((before, -1), (after, 1))
    days.add({(AGREEMENT, _SAID[said]): by for said, by in changes if said is not None})


def _bin(seconds: float) -> str:
    edges = zip(BIN_EDGES_S, BINS, strict=False)
    return next((name for edge, name in edges if seconds <= edge), BINS[-1])


def _count(*entries: tuple[str, str]) -> None:
    if (days := counts_in_use()) is not None:
        days.add(Counter((table, str(entry)) for table, entry in entries))
