"""Runs in progress, as their folders tell them."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.results.folder import write_json
from core.results.progress import FIRST_EPOCH_SECONDS, SILENT_SECONDS, finished_lately, read_running
from tests.support.made_up import write_run
from tests.support.running import write_running

NOW = datetime(2025, 2, 3, 12, tzinfo=UTC)


def test_without_a_folder_nothing_runs(tmp_path: Path) -> None:
    assert read_running(tmp_path) == ()
    assert finished_lately(tmp_path) == ()


def test_a_run_tells_how_far_it_is(tmp_path: Path) -> None:
    write_running(tmp_path, "one", [0.5, 0.3, 0.4], seen=NOW, epoch=4, step=25)
    (run,) = read_running(tmp_path)
    assert (run.name, run.epochs, run.epochs_done, run.best_epoch) == ("one", 10, 3, 2)
    assert run.patience_left == 3 - 1
    assert run.epoch_share == 0.25
    assert run.epoch_seconds() == 60
    assert not run.is_silent(NOW)
    soonest, latest = run.seconds_left(NOW) or (0, 0)
    assert latest == pytest.approx(7 * 60 - 15)
    assert soonest == pytest.approx(2 * 60 - 15)


def test_runs_of_a_study_are_seen_too(tmp_path: Path) -> None:
    write_running(tmp_path, "mixup/p0-a0.4@1", [0.5], seen=NOW, epoch=2, step=5)
    assert [run.name for run in read_running(tmp_path)] == ["mixup/p0-a0.4@1"]


def test_the_first_epoch_is_told_by_its_pace(tmp_path: Path) -> None:
    write_running(tmp_path, "one", [], seen=NOW, epoch=1, step=50, films_per_second=32.0)
    (run,) = read_running(tmp_path)
    assert run.best_epoch is None
    assert run.epoch_seconds() == pytest.approx(100 * 32 / 32)
    assert run.seconds_left(NOW) == pytest.approx((3 * 100 - 50, 10 * 100 - 50))


def test_a_run_between_two_epochs_has_done_nothing_of_the_next(tmp_path: Path) -> None:
    write_running(tmp_path, "one", [0.5, 0.3], seen=NOW, epoch=2, step=100)
    assert read_running(tmp_path)[0].epoch_share == 0


def test_a_run_that_is_silent_is_told_so(tmp_path: Path) -> None:
    write_running(tmp_path, "one", [0.5], seen=NOW, epoch=2, step=5)
    (run,) = read_running(tmp_path)
    assert not run.is_silent(NOW + timedelta(seconds=SILENT_SECONDS - 1))
    late = NOW + timedelta(seconds=SILENT_SECONDS + 1)
    assert run.is_silent(late)
    assert run.seconds_left(late) is None


@pytest.mark.parametrize(
    ("losses", "limit"), [([0.5, 0.4], SILENT_SECONDS), ([], FIRST_EPOCH_SECONDS)]
)
def test_older_trainings_are_known_by_the_age_of_their_files(
    tmp_path: Path, losses: list[float], limit: float
) -> None:
    folder = write_running(tmp_path, "old", losses)
    for file in folder.iterdir():
        os.utime(file, (NOW.timestamp(), NOW.timestamp()))
    (run,) = read_running(tmp_path)
    assert run.progress is None
    assert run.films_per_second is None
    assert not run.is_silent(NOW + timedelta(seconds=limit - 1))
    assert run.is_silent(NOW + timedelta(seconds=limit + 1))
    left = run.seconds_left(NOW + timedelta(seconds=20))
    assert left == ((160, 460) if losses else None)


def test_slow_epochs_are_waited_for(tmp_path: Path) -> None:
    folder = write_running(tmp_path, "slow", [0.5, 0.4], seconds=1000)
    for file in folder.iterdir():
        os.utime(file, (NOW.timestamp(), NOW.timestamp()))
    (run,) = read_running(tmp_path)
    assert not run.is_silent(NOW + timedelta(seconds=2000))
    assert run.is_silent(NOW + timedelta(seconds=3000))


@pytest.mark.parametrize("file", ["config.json", "progress.json", "history.csv"])
@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_a_damaged_folder_hides_no_other(tmp_path: Path, file: str, content: str) -> None:
    write_running(tmp_path, "good", [0.5], seen=NOW, epoch=2, step=5)
    folder = write_running(tmp_path, "bad", [0.5], seen=NOW, epoch=2, step=5)
    (folder / file).write_text(content)
    assert [run.name for run in read_running(tmp_path)] == ["good"]


def test_the_last_heard_of_comes_first(tmp_path: Path) -> None:
    for name, minutes in (("a", 3), ("b", 1), ("c", 2)):
        write_running(tmp_path, name, [], seen=NOW - timedelta(minutes=minutes), epoch=1, step=1)
    assert [run.name for run in read_running(tmp_path)] == ["b", "c", "a"]


def test_the_last_finished_come_first(tmp_path: Path) -> None:
    for number, name in enumerate(("mixup/p0-a0.4@1", "run1", "run2", "run3")):
        file = write_run(tmp_path, name) / "run.json"
        summary: dict[str, Any] = json.loads(file.read_text())
        finished = (NOW - timedelta(hours=number)).isoformat()
        write_json(file, summary | ({"finished": finished} if number != 1 else {}))
    assert [each["name"] for each in finished_lately(tmp_path, 2)] == ["mixup/p0-a0.4@1", "run2"]
