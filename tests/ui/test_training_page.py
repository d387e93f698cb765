"""The Training page, driven without a browser."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.messages.catalogue import LANGUAGES, text
from core.results.folder import write_json
from tests.support.made_up import write_run
from tests.support.running import write_running
from tests.ui.conftest import run_page


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_run_the_page_says_how_to_start_one(results: Path, language: str) -> None:
    page = run_page("training_page", language)
    assert not page.exception
    assert page.title[0].value == text(language, "training.empty.title")
    assert "make train" in page.code[0].value
    assert not page.get("plotly_chart")


@pytest.mark.parametrize("language", LANGUAGES)
def test_runs_in_progress_are_drawn_and_followed(results: Path, language: str) -> None:
    now = datetime.now(UTC)
    write_running(results, "alive", [0.5, 0.3], seen=now, epoch=3, step=50)
    write_running(results, "young", [], seen=now, epoch=1, step=5)
    page = run_page("training_page", language)
    assert not page.exception
    assert "2" in page.title[0].value
    assert len(page.get("plotly_chart")) == 2, "young has no curve yet"
    assert not page.button
    before = [caption.value for caption in page.caption]
    (results / ".running" / "alive").rename(results / "gone")
    write_running(results, "alive", [0.5, 0.3, 0.2], seen=now, epoch=4, step=1)
    assert [caption.value for caption in page.run().caption] != before


def test_a_silent_run_is_no_running_one(results: Path) -> None:
    write_running(results, "lost", [0.5], seen=datetime.now(UTC) - timedelta(hours=3))
    page = run_page("training_page")
    assert not page.exception
    assert page.title[0].value == text("en", "training.empty.title")
    assert any("No sign of life for 3 h 0 min" in line.value for line in page.markdown)


def test_what_finished_lately_is_listed(results: Path) -> None:
    file = write_run(results, "done") / "run.json"
    finished = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    write_json(file, json.loads(file.read_text()) | {"finished": finished})
    page = run_page("training_page")
    assert not page.exception
    assert page.dataframe[0].value.index.tolist() == ["done"]
    assert "5 min ago" in page.dataframe[0].value.to_string()
    assert len(page.get("plotly_chart")) == 1, "its curve, as nothing is running"
