"""Turns at reading: how many at once, in which order, and what becomes of those who leave."""

import time
from collections.abc import Callable, Iterator
from threading import Event, Thread

import pytest
import torch

from core.inference.turns import Turns


class Reading(Thread):
    """A reading that waits for its turn, and holds it until it is told to end."""

    def __init__(self, turns: Turns, owner: str, log: list[str]) -> None:
        super().__init__(daemon=True)
        self.turns, self.owner, self.log = turns, owner, log
        self.told: list[int] = []
        self.gone, self.may_end = Event(), Event()
        self.threads = 0
        waiting = len(turns)
        self.start()
        until(lambda: len(turns) > waiting or self.threads > 0)

    def run(self) -> None:
        try:
            with self.turns.turn(self.owner, self.tell):
                self.threads = torch.get_num_threads()
                self.log.append(self.owner)
                self.may_end.wait(10)
        except GeneratorExit:
            self.log.append(f"{self.owner} left")

    def tell(self, before: int) -> None:
        self.told.append(before)
        if self.gone.is_set():
            raise GeneratorExit  # as Streamlit's, no Exception

    def end(self) -> None:
        self.may_end.set()
        self.join(10)


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that other threads bring about."""
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.002)


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_owners_take_turns_and_each_is_served_in_order() -> None:
    turns, log = Turns(1), list[str]()
    waiting = [Reading(turns, owner, log) for owner in ("long", "long", "long", "long", "b", "c")]
    until(lambda: waiting[4].told[-1:] == [2] and waiting[5].told[-1:] == [3])
    while waiting:
        until(lambda: any(each.threads for each in waiting))
        (current,) = (each for each in waiting if each.threads)
        current.end()
        waiting.remove(current)
    assert log == ["long", "long", "b", "c", "long", "long"]
    assert len(turns) == 0


def test_as_many_go_on_as_there_are_cores_each_on_one_thread() -> None:
    turns, log = Turns(4), list[str]()
    torch.set_num_threads(2)
    readings = [Reading(turns, name, log) for name in "abcde"]
    until(lambda: len(log) == 4)
    assert [each.threads for each in readings] == [1, 1, 1, 1, 0]
    assert len(turns) == 1
    readings[2].end()
    until(lambda: len(log) == 5)
    assert readings[4].threads == 1
    for each in readings:
        each.end()


def test_who_leaves_the_queue_holds_nobody_up() -> None:
    turns, log = Turns(1), list[str]()
    first, second, third = (Reading(turns, name, log) for name in "abc")
    second.gone.set()
    until(lambda: len(turns) == 1)
    until(lambda: third.told[-1] == 1)
    first.end()
    until(lambda: third.threads > 0)
    third.end()
    assert log == ["a", "b left", "c"]


def test_an_error_in_a_reading_does_not_stop_the_queue() -> None:
    turns, log = Turns(1), list[str]()
    waiting: list[Reading] = []

    def fail() -> None:
        with turns.turn("a"):
            waiting.append(Reading(turns, "b", log))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    until(lambda: log == ["b"])
    waiting[0].end()


def test_a_long_reading_lets_others_go_first_and_goes_on_after_them() -> None:
    turns, log = Turns(1), list[str]()
    with turns.turn("long") as pass_on:
        pass_on()
        other = Reading(turns, "short", log)
        other.may_end.set()
        pass_on()
        assert log == ["short"]
        late = Reading(turns, "late", log)
        assert not late.threads
    until(lambda: log == ["short", "late"])
    late.end()


def test_a_long_reading_that_leaves_while_it_lets_others_go_holds_no_place() -> None:
    turns, log = Turns(1), list[str]()
    other: list[Reading] = []

    def leave(before: int) -> None:
        raise GeneratorExit

    def read() -> None:
        with turns.turn("long", leave) as pass_on:
            other.append(Reading(turns, "short", log))
            pass_on()

    with pytest.raises(GeneratorExit):
        read()
    other[0].end()
    with turns.turn("next", leave):
        assert len(turns) == 0
