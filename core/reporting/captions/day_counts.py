"""The counts of a running service in words and tables."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import partial

import pandas as pd

from core.data.labels import Verdict
from core.inference.counted import AGREEMENT, BINS, REFUSED, SECONDS, VERDICTS, WARNINGS
from core.messages.catalogue import text
from core.reporting.numbers import percent
from core.results.day_counts import Counts

_NONE = "–"


def added(days: Mapping[date, Counts]) -> Counts:
    """The counts of all days together."""
    together: Counts = {}
    for counts in days.values():
        for table, entries in counts.items():
            sums = together.setdefault(table, {})
            for entry, number in entries.items():
                sums[entry] = sums.get(entry, 0) + number
    return together


def count_tiles(counts: Counts, language: str) -> dict[str, str]:
    """What matters of some days, each under its name.

    Args:
        counts: Of the days together.
        language: A language of the catalogue.
    """
    agreement = counts.get(AGREEMENT, {})
    agreed, judged = agreement.get("agree", 0), sum(agreement.values())
    found = {
        "read": str(_read(counts)),
        "review": _review(counts, language),
        "refused": str(sum(counts.get(REFUSED, {}).values())),
        "agreed": percent(agreed / judged, language) if judged > 0 else _NONE,
        "median": _median(counts, language),
    }
    return {text(language, f"about.counts.{name}"): value for name, value in found.items()}


def day_table(days: Mapping[date, Counts], language: str) -> pd.DataFrame:
    """A row a day, the last first."""
    rows = [
        {
            "day": day.isoformat(),
            "read": _read(counts),
            "review": _review(counts, language),
            "refused": sum(counts.get(REFUSED, {}).values()),
            **{name: counts.get(AGREEMENT, {}).get(name, 0) for name in ("agree", "disagree")},
            **{room: _warnings_of(counts, room) for room in ("gate", "population")},
        }
        for day, counts in reversed(list(days.items()))
    ]
    return _named(pd.DataFrame(rows), language)


def reason_table(counts: Counts, language: str) -> pd.DataFrame:
    """Why files were refused and what readers were warned of, by key, the most frequent first."""
    rows = [
        {"what": text(language, f"about.counts.{table}"), "key": key, "times": times}
        for table in (REFUSED, WARNINGS)
        for key, times in Counter(counts.get(table, {})).most_common()
    ]
    return _named(pd.DataFrame(rows, columns=["what", "key", "times"]), language)


def _named(table: pd.DataFrame, language: str) -> pd.DataFrame:
    named: pd.DataFrame = table.rename(columns=lambda name: text(language, f"about.counts.{name}"))
    return named


def _read(counts: Counts) -> int:
    return sum(counts.get(VERDICTS, {}).values())


def _review(counts: Counts, language: str) -> str:
    read = _read(counts)
    review = counts.get(VERDICTS, {}).get(Verdict.REVIEW, 0)
    return percent(review / read, language) if read > 0 else _NONE


def _warnings_of(counts: Counts, room: str) -> int:
    """How often a part of the reading warned of something; a film with two counts twice."""
    warnings = counts.get(WARNINGS, {}).items()
    return sum(times for key, times in warnings if key.startswith(f"{room}."))


def _median(counts: Counts, language: str) -> str:
    """The bin that the median of the times to a verdict lies in."""
    bins = counts.get(SECONDS, {})
    left = sum(bins.values()) / 2
    if left <= 0:
        return _NONE
    for name in BINS:
        left -= bins.get(name, 0)
        if left <= 0:
            return bin_name(name, language)
    return _NONE


def bin_name(name: str, language: str) -> str:
    """A bin of the times to a verdict, as people read it."""
    words = partial(text, language)
    if name == BINS[-1]:
        return words("about.counts.over", seconds=BINS[-2])
    return words("about.counts.up_to", seconds=name)
