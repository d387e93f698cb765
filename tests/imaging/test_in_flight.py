"""Films that are decoded at once wait for each other where they would take too much together."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock, Thread

import pytest

from core.imaging import read, read_film
from core.imaging.in_flight import IN_FLIGHT, InFlight
from core.messages.errors import FilmError
from tests.support.phantoms import chest_phantom, encode

PATIENCE_SECONDS = 20


def test_films_together_stay_within_the_limit_and_all_are_read() -> None:
    flight, lock, sizes = InFlight(100), Lock(), [30, 60, 90, 250, 10, 50] * 8
    now: list[int] = []
    most: list[list[int]] = []

    def decode(size: int) -> None:
        with flight.film():
            flight.take(1)  # the header's first word
            flight.take(size)
            with lock:
                now.append(size)
                most.append(list(now))
            time.sleep(0.002)
            with lock:
                now.remove(size)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(decode, sizes, timeout=PATIENCE_SECONDS))
    assert len(most) == len(sizes)
    assert all(sum(each) <= 100 or len(each) == 1 for each in most)
    assert any(len(each) > 1 for each in most)


def test_two_that_hold_something_do_not_wait_for_each_other() -> None:
    flight, both = InFlight(100), Barrier(2)

    def decode() -> None:
        with flight.film():
            flight.take(40)
            both.wait(PATIENCE_SECONDS)
            flight.take(80)

    threads = [Thread(target=decode, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


def test_a_large_film_is_not_overtaken_for_ever() -> None:
    flight, order, begun = InFlight(100), [], Event()

    def decode(name: str, size: int) -> None:
        with flight.film():
            begun.set()
            flight.take(size)
            order.append(name)

    with flight.film():
        flight.take(60)
        threads = []
        for name, size in (("large", 100), ("small", 10)):
            begun.clear()
            threads.append(Thread(target=decode, args=(name, size), daemon=True))
            threads[-1].start()
            begun.wait(PATIENCE_SECONDS)
            time.sleep(0.05)
        assert order == []
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert order == ["large", "small"]


def test_reading_waits_and_gives_back_even_what_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flight = InFlight(80 * 80)  # each film alone is over the limit
    monkeypatch.setattr(read, "IN_FLIGHT", flight)
    monkeypatch.setattr("core.imaging.film.IN_FLIGHT", flight)
    film = encode(chest_phantom(80, 80), "PNG")

    def attempt(data: bytes) -> bool:
        try:
            return bool(read_film(data))
        except FilmError:
            return False

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(attempt, [film, film[:-900]] * 10, timeout=PATIENCE_SECONDS))
    assert found == [True, False] * 10
    assert flight._held == {}
    assert IN_FLIGHT._held == {}
