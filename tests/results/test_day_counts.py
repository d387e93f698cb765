"""Counts of a service: they add up over threads, restarts and crashes, and old ones go."""

import errno
import json
import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.results.day_counts import COUNTS_VARIABLE, KEPT_DAYS, DayCounts, counts_in_use
from tests.support.sources import REPOSITORY

DAY = date(2026, 3, 1)
NORMAL = {("verdicts", "NORMAL"): 1}


def on(folder: Path, day: date = DAY) -> DayCounts:
    return DayCounts(folder, lambda: day)


def test_threads_lose_no_count_and_a_restart_goes_on(tmp_path: Path) -> None:
    counts = on(tmp_path / "new" / "folder")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(counts.add, [NORMAL] * 200))
    again = on(tmp_path / "new" / "folder")
    again.add({("verdicts", "NORMAL"): 2, ("agreement", "agree"): -1})
    expected = {"verdicts": {"NORMAL": 202}, "agreement": {"agree": -1}}
    assert again.last(1) == {DAY: expected}
    assert [file.name for file in (tmp_path / "new" / "folder").iterdir()] == [
        "counts-2026-03-01.json"
    ]


def test_a_process_that_dies_while_it_writes_leaves_the_counts_whole(tmp_path: Path) -> None:
    on(tmp_path).add(NORMAL)
    die = f"""
import os
from datetime import date
from pathlib import Path
from core.results.day_counts import DayCounts
Path.replace = lambda draft, file: os._exit(7)
DayCounts(Path({str(tmp_path)!r}), lambda: date(2026, 3, 1)).add({NORMAL!r})
"""
    assert subprocess.run([sys.executable, "-c", die], cwd=REPOSITORY).returncode == 7
    assert len(list(tmp_path.iterdir())) == 2, "a draft is left behind"
    assert on(tmp_path).last(1) == {DAY: {"verdicts": {"NORMAL": 1}}}
    on(tmp_path, DAY + timedelta(1)).add(NORMAL)
    assert {file.suffix for file in tmp_path.iterdir()} == {".json"}


def test_days_are_kept_for_so_long_and_other_files_for_ever(tmp_path: Path) -> None:
    for before in (KEPT_DAYS, KEPT_DAYS - 1, 29, 0):
        on(tmp_path, DAY - timedelta(before)).add(NORMAL)
    (tmp_path / "counts-of-mine.json").touch()
    days = [DAY - timedelta(before) for before in (KEPT_DAYS - 1, 29, 0)]
    assert list(on(tmp_path).last(KEPT_DAYS)) == days
    assert list(on(tmp_path).last(30)) == days[1:]
    assert len(list(tmp_path.iterdir())) == 4


def test_a_full_disk_is_told_once_and_forgotten_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fill(file: Path, *arguments: object, **options: object) -> int:
        file.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    counts = on(tmp_path)
    counts.add(NORMAL)
    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(Path, "write_text", fill)
        counts.add(NORMAL)
        counts.add(NORMAL)
    assert [record.args for record in caplog.records] == [(tmp_path, "No space left on device")]
    assert counts.has_failed
    assert len(list(tmp_path.iterdir())) == 1, "no draft is left"
    counts.add(NORMAL)
    assert not counts.has_failed
    assert counts.last(1) == {DAY: {"verdicts": {"NORMAL": 2}}}


def test_a_folder_that_cannot_be_made_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    counts = on(tmp_path / "file" / "below")
    counts.add(NORMAL)
    assert counts.has_failed
    assert counts.last(30) == {}


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"verdicts": 3}', '{"verdicts": {"A": "x"}}'])
def test_a_damaged_file_is_left_out_and_begun_again(tmp_path: Path, content: str) -> None:
    file = tmp_path / f"counts-{DAY}.json"
    file.write_text(content)
    assert on(tmp_path).last(1) == {DAY: {}}
    on(tmp_path).add(NORMAL)
    assert json.loads(file.read_text()) == {"verdicts": {"NORMAL": 1}}


def test_without_a_folder_nothing_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(COUNTS_VARIABLE, raising=False)
    assert counts_in_use() is None
    monkeypatch.setenv(COUNTS_VARIABLE, "")
    assert counts_in_use() is None
    monkeypatch.setenv(COUNTS_VARIABLE, str(tmp_path))
    assert counts_in_use() is counts_in_use() is not None
