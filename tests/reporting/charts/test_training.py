"""Figures and words of runs in progress."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.messages.catalogue import LANGUAGES
from core.reporting.captions.training import (
    auroc_sentence,
    duration_words,
    finished_table,
    loss_sentence,
    settings_words,
    state_sentence,
)
from core.reporting.charts.training import live_auroc_chart, live_loss_chart
from core.results.progress import RunningRun, read_running
from tests.support.made_up import write_run
from tests.support.running import write_running

NOW = datetime(2025, 2, 3, 12, tzinfo=UTC)
LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


def running(folder: Path, losses: list[float], epoch: int = 1) -> RunningRun:
    write_running(folder, "one", losses, seen=NOW, epoch=epoch, step=20)
    return read_running(folder)[0]


def test_curves_ring_the_best_epoch_and_mark_where_patience_ends(tmp_path: Path) -> None:
    run = running(tmp_path, [0.5, 0.3, 0.4], epoch=4)
    trained, held_out, ring = live_loss_chart(run, "en").data
    assert list(held_out.y) == [0.5, 0.3, 0.4]
    assert (list(ring.x), list(ring.y)) == ([2], [0.3])
    assert trained.line.dash == "dot"
    figure = live_auroc_chart(run, "en")
    assert figure.layout.shapes[0].x0 == 5
    assert tuple(figure.layout.xaxis.range) == (0.5, 10.5)


def test_patience_beyond_the_last_epoch_is_not_marked(tmp_path: Path) -> None:
    run = running(tmp_path, [0.9 - 0.05 * epoch for epoch in range(9)], epoch=10)
    assert not live_loss_chart(run, "en").layout.shapes


@pytest.mark.parametrize("losses", [[0.5], [0.5, 0.5]])
def test_one_value_alone_gets_an_axis_with_room(tmp_path: Path, losses: list[float]) -> None:
    low, high = live_auroc_chart(running(tmp_path, losses), "en").layout.yaxis.range
    assert 0.03 < high - low < 0.1
    assert low < 0.95 < high


@LANGUAGE
def test_a_live_run_tells_its_time_left_and_a_silent_one_its_silence(
    tmp_path: Path, language: str
) -> None:
    run = running(tmp_path, [0.5, 0.3, 0.4], epoch=4)
    live = state_sentence(run, NOW, language)
    assert duration_words(7 * 60 - 12, language) in live
    assert duration_words(2 * 60 - 12, language) in live
    silent = state_sentence(run, NOW + timedelta(hours=2), language)
    assert duration_words(7200, language) in silent
    assert "3" in silent
    assert "ResNet18" in settings_words(run, language)


@LANGUAGE
def test_the_first_epoch_without_signs_of_life_has_no_time_left(
    tmp_path: Path, language: str
) -> None:
    write_running(tmp_path, "old", [])
    (run,) = read_running(tmp_path)
    assert "10" in state_sentence(run, datetime.now(UTC), language)
    assert loss_sentence(run, language)


@LANGUAGE
def test_the_loss_in_words_follows_its_course(tmp_path: Path, language: str) -> None:
    courses = {
        "improving": [0.5, 0.3],
        "stops": [0.3, 0.5],
        "runs_on": [0.9] * 7 + [0.1, 0.2],
    }
    sentences = {}
    for name, losses in courses.items():
        run = running(tmp_path / name, losses, epoch=len(losses) + 1)
        sentences[name] = loss_sentence(run, language)
        assert auroc_sentence(run, language)
    assert len(set(sentences.values())) == 3
    assert "0.1000" in sentences["runs_on"]


@LANGUAGE
def test_finished_runs_say_how_long_ago(tmp_path: Path, language: str) -> None:
    summary = json.loads((write_run(tmp_path, "done", converged=False) / "run.json").read_text())
    summary["finished"] = (NOW - timedelta(minutes=30)).isoformat()
    table = finished_table([summary], NOW, language)
    assert table.index[0] == "done"
    assert "30" in table.iloc[0, 0]
    assert table.shape == (1, 6)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "1 h 0 min"),
        (90_000, "25 h 0 min"),
        (3 * 86400, "3 days"),
    ],
)
def test_durations_are_said_as_people_do(seconds: float, words: str) -> None:
    assert duration_words(seconds, "en") == words
