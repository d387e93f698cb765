"""Room for dropped files: a limit a list, one over all lists, and given back at every end."""

import io
import tomllib
import weakref
from threading import Thread

import pytest

from core.inference.worklist import Worklist
from core.inference.worklist.archive import PACKED_LIMIT_MB
from core.inference.worklist.room import ALL_LISTS_LIMIT_MB, LIST_LIMIT_MB, Room
from core.messages.catalogue import LANGUAGES
from core.messages.errors import FilmError, SessionsFull, UploadsFull
from tests.support.phantoms import chest_phantom, encode
from tests.support.sources import REPOSITORY

MIB = 2**20
FILM = encode(chest_phantom(80, 80), "PNG")


def film(mib: float = 1) -> io.BytesIO:
    """A film whose file takes so many MiB."""
    return io.BytesIO(FILM + bytes(int(mib * MIB) - len(FILM)))


def outcome(listed: Worklist, number: int) -> type[FilmError] | None:
    try:
        listed.data(number)
    except FilmError as error:
        return type(error)
    return None


def test_a_list_that_is_full_says_so_and_takes_more_once_something_is_removed() -> None:
    listed = Worklist(Room(list_mb=2, all_mb=9))
    numbers = [listed.add(name, name, film())[0] for name in "abc"]
    assert [outcome(listed, number) for number in numbers] == [None, None, UploadsFull]
    assert listed.size_bytes == 2 * MIB
    listed.remove("a")
    listed.remove("c")
    (again,) = listed.add("c", "c", film())
    assert outcome(listed, again) is None


@pytest.mark.parametrize("error", [UploadsFull(size_mb=9.6, limit_mb=8), SessionsFull(size_mb=9.6)])
def test_the_reason_names_the_size_in_every_language(error: FilmError) -> None:
    messages = {error.message(language) for language in LANGUAGES}
    assert len(messages) == len(LANGUAGES)
    assert all("10 MB" in message for message in messages)


def test_a_full_lists_file_is_not_kept() -> None:
    class File(io.BytesIO):
        """One that can be watched."""

    listed, file = Worklist(Room(list_mb=1, all_mb=9)), File(FILM + bytes(2 * MIB))
    watched = weakref.ref(file)
    listed.add("a", "a", file)
    del file
    assert watched() is None


def test_all_lists_together_have_a_limit_and_a_session_that_ends_gives_back() -> None:
    room = Room(list_mb=9, all_mb=3)
    first, second = Worklist(room), Worklist(room)
    first.add("a", "a", film(2))
    (number,) = second.add("b", "b", film(2))
    assert outcome(second, number) is SessionsFull
    assert second.size_bytes == 0
    second.remove("b")
    del first
    (number,) = second.add("b", "b", film(2))
    assert outcome(second, number) is None


def test_sessions_at_once_never_go_over() -> None:
    room = Room(list_mb=100, all_mb=20)
    lists = [Worklist(room) for _ in range(8)]

    def fill(listed: Worklist) -> None:
        for number in range(10):
            listed.add(str(number), "film.png", film())

    threads = [Thread(target=fill, args=(listed,)) for listed in lists]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(listed.size_bytes for listed in lists) == 20 * MIB


@pytest.mark.parametrize("copies", [1, 2])
def test_a_file_too_many_leaves_the_others_as_they_are(copies: int) -> None:
    listed = Worklist(Room(list_mb=1, all_mb=1))
    (first,) = listed.add("a", "a", film(1))
    refused = [listed.add(f"b{n}", "b", film(1))[0] for n in range(copies)]
    assert {outcome(listed, number) for number in refused} == {UploadsFull}
    assert outcome(listed, first) is None


def test_the_limits_go_together() -> None:
    config = tomllib.loads((REPOSITORY / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert config["server"]["maxUploadSize"] == PACKED_LIMIT_MB <= LIST_LIMIT_MB
    assert LIST_LIMIT_MB < ALL_LISTS_LIMIT_MB
