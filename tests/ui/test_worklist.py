"""Many films on the Diagnosis page, driven without a browser."""

import io
import re
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.data.folder import DATA_FOLDER_VARIABLE
from core.data.samples import SHOWN
from core.inference.model import Diagnostician
from core.inference.reading import Opinion
from core.inference.turns import PassOn, Told, Turns, nobody
from core.inference.worklist import Standing, Worklist
from core.messages.catalogue import LANGUAGES, text
from core.models.generator.picture import marked, png_file
from core.models.weights import DEFAULT_MODEL
from core.ui.diagnosis.progress import time_left
from tests.support.phantoms import chest_phantom
from tests.ui.test_diagnosis_page import APP, has_verdict, heading, model, png, read_with, words

__all__ = ["model"]  # the fixture

Dropped = list[tuple[str, bytes, str]]


def three_films() -> Dropped:
    """Three phantoms and a letter."""
    films = [(f"film-{seed}.png", png(seed), "image/png") for seed in (1, 2, 3)]
    return [*films, ("letter.txt", b"a letter", "text/plain")]


@pytest.fixture
def room(model: Diagnostician) -> AppTest:
    """The first page, opened without a film."""
    return AppTest.from_file(APP, default_timeout=120).run()


def drop(room: AppTest, files: Dropped) -> AppTest:
    """Upload files."""
    return room.file_uploader[0].set_value(files).run()


def read_all(room: AppTest) -> Worklist:
    """Run until nothing waits; a browser asks for these runs by itself."""
    for _ in range(20):
        listed: Worklist = room.session_state["list"]
        room.run()
        if not room.get("progress"):
            break
    assert not room.exception
    return listed


def to_list(room: AppTest) -> AppTest:
    """Go from the first film, which is open at once, to the list."""
    return room.button(key="to_list").click().run()


def has(room: AppTest, key: str) -> bool:
    """Whether there is a button of that key."""
    return any(button.key == key for button in room.button)


def place(room: AppTest) -> str:
    """Where the open film stands, as the page says it."""
    return next(part.value for part in room.markdown if re.fullmatch(r"\d+ of \d+", part.value))


def name(room: AppTest) -> str:
    """The file name of the open film."""
    listed: Worklist = room.session_state["list"]
    return listed.row(room.session_state["opened"], "").entry.name


def test_many_films_become_a_list_and_a_bad_one_is_told(
    room: AppTest, model: Diagnostician
) -> None:
    drop(room, three_films())
    listed = read_all(room)
    to_list(room)
    rows = listed.rows(model.card.sha256)
    assert [row.standing for row in rows].count(Standing.REFUSED) == 1
    assert sum(row.diagnosis is not None for row in rows) == 3
    (table,) = room.dataframe
    assert text("en", "film.error.unknown_format") in table.value["remark"].tolist()
    assert list(table.value["standing"])[-1].endswith(text("en", "worklist.standing.refused"))
    assert not has(room, "to_list")


def test_next_and_previous_follow_the_list_as_it_is_shown(
    room: AppTest, model: Diagnostician
) -> None:
    drop(room, three_films())
    read_all(room)
    to_list(room)
    room.selectbox(key="list_sorting").set_value("name").run()
    room.button(key="start").click().run()
    seen = [(place(room), name(room))]
    assert room.button(key="to_before").disabled
    while not room.button(key="to_after").disabled:
        room.button(key="to_after").click().run()
        seen.append((place(room), name(room)))
    assert [where for where, _ in seen] == [f"{position} of 4" for position in (1, 2, 3, 4)]
    assert [file for _, file in seen] == [file for file, *_ in three_films()]
    assert [error.value for error in room.error] == [text("en", "film.error.unknown_format")]
    room.button(key="to_list").click().run()
    (table,) = room.dataframe
    assert table.value["seen"].all()
    room.toggle(key="list_unseen").set_value(True).run()
    assert not room.dataframe
    assert text("en", "worklist.none_shown") in [info.value for info in room.info]


def test_stopping_keeps_what_is_read_and_going_on_reads_the_rest(
    room: AppTest, model: Diagnostician, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.ui.diagnosis.progress._SLICE_SECONDS", 0)  # a film a run
    drop(room, three_films())
    room.button(key="pause").click().run()
    listed: Worklist = room.session_state["list"]
    kept = len(listed.pending(model.card.sha256))
    assert 0 < kept < 4
    room.run()
    assert len(listed.pending(model.card.sha256)) == kept
    room.button(key="pause").click().run()
    read_all(room)
    assert listed.pending(model.card.sha256) == []


def test_an_opinion_stays_with_its_film_and_its_model(
    room: AppTest, model: Diagnostician, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(room, three_films())
    listed = read_all(room)
    to_list(room)
    room.button(key="start").click().run()
    number = room.session_state["opened"]
    room.text_input[0].set_value("faint").run()
    next(choice for choice in room.button_group if choice.key.startswith("said")).set_value(
        "disagree"
    ).run()
    room.button(key="to_after").click().run()
    assert room.text_input[0].value == ""
    room.button(key="to_before").click().run()
    assert room.text_input[0].value == "faint"
    assert listed.row(number, model.card.sha256).opinion == Opinion(False, "faint")
    room.button(key="to_list").click().run()
    assert "You agreed with 0 of 1" in words(room)
    other = Diagnostician(replace(model.card, sha256="c" * 64), model.networks)
    read_with({DEFAULT_MODEL: model, "another": other}, monkeypatch)
    room.run()
    room.selectbox(key="model").set_value("another").run()
    assert "You agreed with" not in words(room)
    read_all(room)
    assert all(
        row.diagnosis.weights_sha256 == "c" * 64 for row in listed.rows("c" * 64) if row.diagnosis
    )


def test_the_last_letters_of_a_note_come_along_with_the_way_to_the_next_film(
    room: AppTest, model: Diagnostician
) -> None:
    drop(room, three_films())
    listed = read_all(room)
    to_list(room)
    room.button(key="start").click().run()
    number = room.session_state["opened"]
    room.text_input[0].set_value("faint")
    room.button(key="to_after").click().run()
    assert room.session_state["opened"] != number
    assert room.text_input[0].value == ""
    assert listed.row(number, model.card.sha256).opinion == Opinion(None, "faint")


def test_a_folder_without_films_says_so(room: AppTest) -> None:
    drop(room, [("notes/letter.txt", b"a letter", "text/plain")])
    assert text("en", "worklist.skipped", files=1) in words(room)


def test_a_turned_film_is_judged_anew(room: AppTest, model: Diagnostician) -> None:
    drop(room, three_films())
    listed = read_all(room)
    to_list(room)
    room.button(key="start").click().run()
    number = room.session_state["opened"]
    said = next(choice for choice in room.button_group if choice.key.startswith("said"))
    said.set_value("agree").run()
    room.button(key="turn_right").click().run()
    said = next(choice for choice in room.button_group if choice.key.startswith("said"))
    assert said.value is None
    assert listed.row(number, model.card.sha256).opinion.agrees is None


def test_what_leaves_the_uploader_leaves_the_list(room: AppTest, model: Diagnostician) -> None:
    drop(room, three_films())
    read_all(room)
    drop(room, three_films()[:1])
    assert [button.key for button in room.button].count("details") == 1  # one film alone is open
    drop(room, [])
    assert heading(room) == f"# {text('en', 'diagnosis.drop')}"


def test_the_list_stays_through_another_page_and_grows_after_it(
    room: AppTest, model: Diagnostician
) -> None:
    drop(room, three_films())
    read_all(room)
    to_list(room)
    room.switch_page("pages/about_page.py").run()
    room.switch_page("pages/diagnosis_page.py").run()
    assert len(room.dataframe[0].value) == 4
    room.run()
    drop(room, [("film-9.png", png(9), "image/png")])
    assert "of 5" in place(room)
    clear = next(b for b in room.button if b.label == text("en", "worklist.clear"))
    clear.click().run()
    assert heading(room) == f"# {text('en', 'diagnosis.drop')}"


def test_a_zip_with_one_film_goes_straight_to_its_verdict(
    room: AppTest, model: Diagnostician
) -> None:
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("study/film", png(1))
    drop(room, [("study.zip", file.getvalue(), "application/zip")])
    assert has_verdict(room)
    assert not room.dataframe


def test_a_sample_hides_its_label_and_stays_out_of_the_list(
    room: AppTest, tiny_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tiny_data))
    room.run()
    room.button(key="try_data_folder").click().run()
    assert not room.exception
    assert has_verdict(room)
    label = room.session_state["sample"].sample.label
    told = text("en", "samples.label.data_folder", label=text("en", f"metric.class.{label}"))
    assert told not in words(room)
    show = text("en", "samples.show_label")
    next(button for button in room.button if button.label == show).click().run()
    assert told in words(room)
    assert len(room.session_state["list"]) == 0


@pytest.fixture
def gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A gallery of phantoms that are marked as synthetic."""
    for seed, name in enumerate(SHOWN):
        file = tmp_path / "gallery" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(png_file(marked(chest_phantom(128, 128, seed))))
    monkeypatch.setattr("core.data.samples.GALLERY_FOLDER", tmp_path / "gallery")
    return tmp_path / "gallery"


def test_without_a_data_folder_one_click_reads_a_synthetic_film_and_says_so(
    room: AppTest, gallery: Path
) -> None:
    room.run()
    assert not has(room, "try_data_folder")
    room.button(key="try_sample_2").click().run()
    assert not room.exception
    assert room.session_state["sample"].sample.read() == (gallery / SHOWN[1]).read_bytes()
    assert has_verdict(room)
    assert text("en", "brief.film.notice.synthetic") in words(room)
    label = room.session_state["sample"].sample.label
    show = text("en", "samples.show_label")
    next(button for button in room.button if button.label == show).click().run()
    named = text("en", f"metric.class.{label}")
    assert text("en", "samples.label.synthetic", label=named) in words(room)
    assert len(room.session_state["list"]) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_room_shows_synthetic_films_as_pictures_and_says_that_they_are(
    room: AppTest, gallery: Path, language: str
) -> None:
    room.session_state["language"] = language
    room.run()
    assert len(room.get("image")) == len(SHOWN)
    assert text(language, "samples.try.synthetic") in words(room)
    labels = [button.label for button in room.button]
    for number in range(1, len(SHOWN) + 1):
        assert text(language, "samples.numbered", number=number) in labels


def test_without_a_gallery_no_synthetic_film_is_offered(
    room: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.data.samples.GALLERY_FOLDER", tmp_path / "nowhere")
    room.run()
    assert not room.exception
    assert not room.get("image")
    assert text("en", "samples.try.synthetic") not in words(room)


def test_with_data_and_gallery_the_reader_chooses(
    room: AppTest, gallery: Path, tiny_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATA_FOLDER_VARIABLE, str(tiny_data))
    room.run()
    assert has(room, "try_data_folder")
    assert has(room, "try_sample_1")
    room.button(key="try_data_folder").click().run()
    assert has_verdict(room)
    assert text("en", "brief.film.notice.synthetic") not in words(room)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "5 s"), (12, "10 s"), (58, "60 s"), (60, "1 min"), (200, "3 min")]
)
def test_time_left_is_no_more_exact_than_it_can_be(seconds: float, said: str) -> None:
    assert said in time_left(seconds)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_how_many_films_of_other_sessions_come_before(
    room: AppTest, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    said: list[str] = []

    def listen(key: str, **values: object) -> str:
        said.append(text(language, key, **values))
        return said[-1]

    class Busy(Turns):
        @contextmanager
        def turn(self, owner: Hashable, told: Told = nobody) -> Iterator[PassOn]:
            told(2)
            with super().turn(owner, told) as pass_on:
                yield pass_on

    monkeypatch.setattr("core.ui.diagnosis.progress.t", listen)
    monkeypatch.setattr("core.ui.frame.turn.TURNS", Busy(1))
    drop(room, three_films())
    ahead = text(language, "worklist.ahead", films=2)
    assert said.count(ahead) > 1, "of the film that is open and of those of the list"
    assert text(language, "diagnosis.reading") in said
    assert len(read_all(room)) == 4


def test_a_session_that_is_stopped_leaves_the_queue(
    room: AppTest, model: Diagnostician, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(shown: object, before: int) -> None:
        st.stop()  # as Streamlit does in the next call of a session that ends

    turns = Turns(1)
    monkeypatch.setattr("core.ui.frame.turn.TURNS", turns)
    with turns.turn("another session"), monkeypatch.context() as patch:
        patch.setattr("core.ui.diagnosis.progress.draw_before", stop)
        drop(room, three_films())
        assert len(turns) == 0
    assert not has_verdict(room)
    assert read_all(room.run()).pending(model.card.sha256) == []
