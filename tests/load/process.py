"""What a process and its children take: memory and processor time, as Linux tells it in /proc."""

import os
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_MB = os.sysconf("SC_PAGE_SIZE") / 2**20
_TICKS = os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """Resident memory of a process and its children now, in MiB; pages they share count twice."""
    return sum(int(line.split()[1]) * _MB for line in _told(pid, "statm"))


def cpu_s(pid: int) -> float:
    """Processor seconds that a process has had, with its children and those that have ended."""
    after_name = (line.rpartition(")")[2].split() for line in _told(pid, "stat"))
    return sum(sum(map(int, fields[11:15])) for fields in after_name) / _TICKS


def _told(pid: int, what: str) -> Iterator[str]:
    """A file of a process and of each that it started; nothing of one that has just ended."""
    folder = _PROC / str(pid)
    try:
        yield (folder / what).read_text()
        children = [file.read_text().split() for file in folder.glob("task/*/children")]
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in (int(number) for numbers in children for number in numbers):
        yield from _told(child, what)
