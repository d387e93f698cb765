"""Lists that outlive a reload: for ten minutes, within limits, and for one tab alone."""

import gc
import weakref

import pytest
from streamlit.testing.v1 import AppTest

from core.inference.model import Diagnostician
from core.inference.reading import Opinion
from core.inference.worklist import Worklist
from core.messages.catalogue import text
from core.ui.kept import tab
from core.ui.kept.lists import KEPT_SECONDS, KeptLists
from tests.ui.test_diagnosis_page import APP, model
from tests.ui.test_worklist import drop, read_all, three_films

__all__ = ["model"]  # the fixture

STATE = {"list": "films"}


class Server:
    """Sessions that come and go, and a clock."""

    def __init__(self) -> None:
        self.connected: set[str] = set()
        self.now = 0.0

    def lists(self, most_lists: int = 32, most_bytes: int = 1000) -> KeptLists:
        return KeptLists(self.connected.__contains__, lambda: self.now, most_lists, most_bytes)


@pytest.fixture
def server() -> Server:
    return Server()


def test_a_list_is_there_ten_minutes_after_its_tab_went_and_no_longer(server: Server) -> None:
    for later, is_there in ((KEPT_SECONDS - 1, True), (KEPT_SECONDS, False)):
        lists = server.lists()
        server.connected.add("one")
        token = lists.keep("one", STATE, 1)
        server.now += 5 * KEPT_SECONDS  # the reader thinks, connected
        lists.sweep()
        server.connected.remove("one")
        server.now += later
        assert (lists.claim(token, "two") == STATE) is is_there
        assert len(lists) == is_there


def test_what_nobody_comes_back_for_is_dropped_without_a_claim(server: Server) -> None:
    lists = server.lists()
    lists.keep("one", STATE, 1)
    server.now += KEPT_SECONDS
    lists.sweep()
    assert len(lists) == 0


def test_a_claim_moves_the_list_and_its_token_opens_nothing_any_more(server: Server) -> None:
    lists = server.lists()
    server.connected |= {"one", "two", "three"}
    token = lists.keep("one", STATE, 1)
    assert lists.claim("", "two") is None
    assert lists.claim(token[:-1], "two") is None
    assert lists.claim(token, "two") == STATE
    assert lists.claim(token, "three") is None
    assert lists.has_moved("one")
    assert not lists.has_moved("one")
    assert not lists.has_moved("two")
    assert lists.keep("two", STATE, 1) not in (token, lists.keep("three", {}, 1))


def test_tokens_are_not_guessed_and_not_shown(server: Server) -> None:
    lists = server.lists()
    tokens = {lists.keep(str(session), STATE, 1) for session in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43  # 256 bits
    assert all(token not in repr(lists.__dict__) for token in tokens)
    assert lists.keep("1", STATE, 1) in tokens


def test_the_oldest_go_first_beyond_the_limits_and_connected_tabs_count_for_nothing(
    server: Server,
) -> None:
    lists = server.lists(most_lists=2, most_bytes=100)
    server.connected.add("here")
    tokens = {"here": lists.keep("here", STATE, 10_000)}
    for name, size_bytes in (("first", 10), ("second", 10), ("third", 10), ("large", 101)):
        server.now += 1
        tokens[name] = lists.keep(name, STATE, size_bytes)
    lists.sweep()
    there = {name for name, token in tokens.items() if lists.claim(token, "new") is not None}
    assert there == {"here", "second", "third"}
    heavy = server.lists(most_bytes=100)
    for name in ("a", "b", "c"):
        server.now += 1
        tokens[name] = heavy.keep(name, STATE, 45)
    heavy.sweep()
    assert len(heavy) == 2
    assert heavy.claim(tokens["a"], "new") is None


def test_a_cleared_list_is_let_go(server: Server) -> None:
    lists = server.lists()
    token = lists.keep("one", STATE, 1)
    lists.forget("one")
    assert lists.claim(token, "two") is None


def test_a_note_is_unsaved_until_it_leaves_and_again_when_it_changes() -> None:
    notes = Worklist().notes
    notes[1] = "  "
    assert not notes.are_unsaved
    notes[1], notes[2] = "faint", "see prior film"
    assert notes.are_unsaved
    notes.mark_saved([1])
    assert notes.are_unsaved
    notes.mark_saved()
    assert not notes.are_unsaved
    notes[2] = "see prior films"
    assert notes.are_unsaved
    notes.remove([2])
    assert not notes.are_unsaved


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch) -> KeptLists:
    """The app's lists, new."""
    made = KeptLists(lambda session: True)
    monkeypatch.setattr(tab, "shared_lists", lambda: made)
    return made


def test_the_app_keeps_a_list_from_its_first_film_until_it_is_cleared(
    model: Diagnostician, lists: KeptLists
) -> None:
    room = AppTest.from_file(APP, default_timeout=120).run()
    assert len(lists) == 0
    drop(room, three_films())
    listed = read_all(room)
    listed.set_opinion(1, model.card.sha256, Opinion(True, "faint"))
    (kept,) = lists._by_owner.values()
    assert kept.state["list"] is listed
    assert kept.size_bytes == sum(len(data) for _, data, _ in three_films())
    assert room.query_params == {} or kept.token not in str(room.query_params)
    taken = lists.claim(kept.token, "another tab")
    assert taken is not None
    assert taken["list"].notes[1] == "faint"
    room.run()  # what has moved is here no longer
    assert len(room.session_state["list"]) == 0
    assert not room.exception


@pytest.mark.parametrize("end", ["cleared", "closed"])
def test_a_list_that_ends_gives_its_memory_back(
    model: Diagnostician, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    now = [0.0]
    lists = KeptLists(lambda session: False, lambda: now[0])
    monkeypatch.setattr(tab, "shared_lists", lambda: lists)
    room = AppTest.from_file(APP, default_timeout=120).run()
    drop(room, three_films())
    read_all(room)
    diagnosis = room.session_state["list"].row(1, model.card.sha256).diagnosis
    watched = [
        weakref.ref(room.session_state["list"]),
        weakref.ref(room.session_state["film"][1].pixels),
        weakref.ref(diagnosis.lungs_map.probability),
    ]
    del diagnosis
    if end == "cleared":
        clear = text("en", "worklist.clear")
        next(button for button in room.button if button.label == clear).click().run()
    else:
        del room
        now[0] = KEPT_SECONDS
        lists.sweep()
    gc.collect()
    assert [each() is None for each in watched] == [True, True, True]
