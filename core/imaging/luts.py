"""Tables of a DICOM header: modality LUT, VOI LUT and palettes, as files have them.

A descriptor tells how many entries a table has, which value the first one stands for and how many
bits an entry has (PS3.3 C.11.1.1). Files often keep to it only roughly: an entry is missing or one
too many, bytes are stored as words or words as bytes, or the entries use fewer bits than they say.
So the data count, and a table's own largest entry is its top.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset

_SLACK = 2
"""Entries by which a table may be shorter or longer than its descriptor says."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a header.

    Attributes:
        entries: Shape (n,), float64, n at least 2.
        first: The value that the first entry stands for.
    """

    entries: NDArray[np.float64]
    first: int

    @property
    def top(self) -> float:
        """The largest entry."""
        return float(self.entries.max())

    def look_up(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Entries by value; values before the first or after the last take that one."""
        index = np.clip(np.rint(values) - self.first, 0, len(self.entries) - 1)
        found: NDArray[np.float64] = self.entries[index.astype(np.intp)]
        return found


def read_table(
    item: Dataset, descriptor: str, data: str, is_little: bool, is_signed: bool = False
) -> Table | None:
    """A table; None where descriptor and data together make no sense.

    Args:
        item: The data set that has both elements.
        descriptor: Keyword of the descriptor.
        data: Keyword of the entries.
        is_little: Whether the file is little endian.
        is_signed: Whether the first value has a sign, whatever its type says.
    """
    try:
        count, first, bits = (int(number) & 0xFFFF for number in item[descriptor].value)
        stored = _bytes(item, data, is_little)
    except Exception:  # no such element, or whatever pydicom raises on its bytes
        return None
    count = count or 2**16
    entries = _entries(stored, count, bits)
    if entries is None or len(entries) < 2:
        return None
    if (is_signed or item[descriptor].VR == "SS") and first >= 2**15:
        first -= 2**16
    return Table(entries.astype(np.float64), first)


def _bytes(item: Dataset, keyword: str, is_little: bool) -> bytes:
    """A table's data as little-endian bytes."""
    element = item.get_item(keyword)
    if element is None:
        raise KeyError(keyword)
    value: Any = element.value if isinstance(element, RawDataElement) else item[keyword].value
    if not isinstance(value, bytes):
        words = np.atleast_1d(np.asarray(value, np.int64)) & 0xFFFF
        return words.astype("<u2").tobytes()
    return (
        value
        if is_little
        else value[: len(value) // 2 * 2]
        and np.frombuffer(value[: len(value) // 2 * 2], ">u2").astype("<u2").tobytes()
    )


def _entries(stored: bytes, count: int, bits: int) -> NDArray[Any] | None:
    """Entries, as bytes or as words: as the length says, and the bits where it says nothing."""
    length = len(stored)
    if abs(length - 2 * count) <= 2 * _SLACK:
        is_wide = True
    elif abs(length - count) <= _SLACK:
        is_wide = False
    else:
        is_wide = bits > 8
        if length < (count if is_wide else count // 2):  # hardly half of them are there
            return None
    if not is_wide:
        return np.frombuffer(stored, "u1")[:count]
    return np.frombuffer(stored[: length // 2 * 2], "<u2")[:count]
