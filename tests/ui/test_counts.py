"""What a session adds to the counts of its server, and how the About page shows them."""

from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.inference.counted import count_opinion
from core.inference.model import Diagnostician
from core.messages.catalogue import LANGUAGES, text
from core.messages.errors import TruncatedFile
from core.reporting.numbers import percent
from core.results.day_counts import COUNTS_VARIABLE, Counts, DayCounts, counts_in_use
from tests.ui.conftest import run_page
from tests.ui.test_diagnosis_page import model
from tests.ui.test_worklist import drop, gallery, read_all, room, three_films, to_list

__all__ = ["gallery", "model", "room"]  # fixtures


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where counts go."""
    monkeypatch.setenv(COUNTS_VARIABLE, str(tmp_path / "counts"))
    return tmp_path / "counts"


def counted() -> Counts:
    used = counts_in_use()
    assert used is not None
    (counts,) = used.last(1).values()
    return counts


def test_each_film_of_a_list_counts_once_whatever_is_clicked(
    room: AppTest, model: Diagnostician, folder: Path
) -> None:
    drop(room, three_films())
    listed = read_all(room)
    verdicts = [row.diagnosis.verdict for row in listed.rows(model.card.sha256) if row.diagnosis]
    for _ in range(2):
        to_list(room)
        room.button(key="start").click().run()
    counts = counted()
    assert counts["verdicts"] == {verdict: verdicts.count(verdict) for verdict in set(verdicts)}
    assert sum(counts["seconds_to_verdict"].values()) == 3
    assert counts["refused"] == {"film.error.unknown_format": 1}
    assert "agreement" not in counts
    (file,) = folder.iterdir()
    assert "film-1" not in file.read_text()


def test_an_opinion_counts_once_and_is_taken_back_when_it_changes(
    room: AppTest, model: Diagnostician, folder: Path
) -> None:
    drop(room, three_films()[:1])
    for opinion, expected in (("agree", (1, 0)), ("agree", (1, 0)), ("disagree", (0, 1))):
        (said,) = (each for each in room.button_group if each.key.startswith("said"))
        said.set_value(opinion).run()
        agreement = counted()["agreement"]
        assert (agreement.get("agree", 0), agreement.get("disagree", 0)) == expected


@pytest.mark.usefixtures("gallery", "model")
def test_a_sample_is_no_film_that_counts(room: AppTest, folder: Path) -> None:
    room.run()
    room.button(key="try_sample_2").click().run()
    assert not room.exception
    assert not folder.exists()


@pytest.mark.usefixtures("model")
def test_nothing_is_written_or_shown_unless_a_folder_is_named(
    room: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(COUNTS_VARIABLE, raising=False)
    monkeypatch.setattr(DayCounts, "add", lambda *_: pytest.fail("counted"))
    drop(room, three_films()[:1])
    assert not room.exception
    assert text("en", "about.counts.title") not in heads(run_page("about_page"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_about_page_shows_the_last_days(folder: Path, language: str) -> None:
    used = counts_in_use()
    assert used is not None
    assert text(language, "about.counts.none") in [
        info.value for info in run_page("about_page", language).info
    ]
    today = used._today()
    verdicts = {("verdicts", "NORMAL"): 3, ("verdicts", "REVIEW"): 1}
    times = {("seconds_to_verdict", "0.5"): 1, ("seconds_to_verdict", "2"): 3}
    warned = {("warnings", "gate.notice.inverted"): 2, ("warnings", "population.reason.adult"): 1}
    DayCounts(folder, lambda: today - timedelta(29)).add(verdicts | times)
    DayCounts(folder, lambda: today - timedelta(30)).add(verdicts)
    used.add({("refused", TruncatedFile.key): 2} | warned)
    count_opinion(None, True)
    count_opinion(True, False)
    count_opinion(None, True)
    page = run_page("about_page", language)
    assert not page.exception
    assert text(language, "about.counts.title") in heads(page)
    assert [tile.value for tile in page.metric] == [
        *("4", percent(0.25, language), "2", percent(0.5, language)),
        text(language, "about.counts.up_to", seconds="2"),
    ]
    days, reasons = (page.dataframe[at].value for at in (-2, -1))
    assert days.iloc[:, 0].tolist() == [str(today), str(today - timedelta(29))]
    assert days.iloc[0, 1:].tolist() == [0, "–", 2, 1, 1, 2, 1]
    assert days.iloc[1, 1:].tolist() == [4, percent(0.25, language), 0, 0, 0, 0, 0]
    assert reasons.iloc[:, 1].tolist()[:2] == [TruncatedFile.key, "gate.notice.inverted"]


@pytest.mark.usefixtures("model")
def test_a_folder_that_cannot_be_written_is_told_and_films_are_read(
    room: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(COUNTS_VARIABLE, str(tmp_path / "file" / "below"))
    drop(room, three_films()[:1])
    assert not room.exception
    page = run_page("about_page")
    assert not page.exception
    assert text("en", "about.counts.failed") in [warning.value for warning in page.warning]


def heads(page: AppTest) -> list[str]:
    return [head.value for head in page.header]
