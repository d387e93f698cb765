"""The HTTP interface by itself: who waits, who is refused, and what of weights goes wrong."""

import io
import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest
import uvicorn
from PIL import Image
from starlette.applications import Starlette

from core.api import readiness, readings
from core.api.application import api_mount
from core.api.readings import IN_HAND
from core.api.token import TOKEN_VARIABLE
from core.imaging import Film
from core.inference.diagnosis import Diagnosis
from core.inference.model import Diagnostician
from core.inference.turns import Turns
from core.messages.catalogue import text
from core.messages.errors import WeightsMissing
from core.results.day_counts import COUNTS_VARIABLE
from tests.support.phantoms import chest_phantom

WAIT_SECONDS = 30


@pytest.fixture
def port() -> Iterator[int]:
    """A server of the interface alone."""
    with served() as port:
        yield port


@contextmanager
def served(base_path: str = "", is_closed: bool = False) -> Iterator[int]:
    application = Starlette(routes=[api_mount(base_path, lambda: is_closed)])
    server = uvicorn.Server(uvicorn.Config(application, ws="none", log_config=None))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(WAIT_SECONDS)
            assert not thread.is_alive()


def asked(
    port: int, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], Any]:
    """GET a path, or POST a body to it: status, headers and content."""
    connection = HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS)
    connection.request("GET" if body is None else "POST", path, body, headers)
    return answered(connection)


def answered(connection: HTTPConnection) -> tuple[int, dict[str, str], Any]:
    answer = connection.getresponse()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    content = json.loads(answer.read())
    connection.close()
    return answer.status, headers, content


def begun(port: int) -> HTTPConnection:
    """A request whose body does not arrive."""
    connection = HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS)
    connection.putrequest("POST", "/api/read")
    connection.putheader("Content-Length", "1000")
    connection.endheaders()
    connection.send(b"\x89PNG")
    return connection


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def film() -> bytes:
    file = io.BytesIO()
    Image.fromarray(chest_phantom(64, 64, 1)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def tiny(tiny_weights: Any, monkeypatch: pytest.MonkeyPatch) -> Diagnostician:
    """Reads in place of the shipped model."""
    diagnostician = Diagnostician.load("tiny", tiny_weights)
    monkeypatch.setattr(readings, "shared_diagnostician", lambda name: diagnostician)
    return diagnostician


class Observed(Diagnostician):
    """Calls something whenever it reads a film."""

    def __init__(self, tiny: Diagnostician, seen: Callable[[], None]) -> None:
        super().__init__(tiny.card, tiny.networks, tiny.segmenter)
        self.seen = seen

    def diagnose(self, film: Film) -> Diagnosis:
        self.seen()
        return super().diagnose(film)


def read_by(
    tiny: Diagnostician, seen: Callable[[], None], turns: Turns, patch: pytest.MonkeyPatch
) -> None:
    patch.setattr(readings, "shared_diagnostician", lambda name: Observed(tiny, seen))
    patch.setattr(readings, "TURNS", turns)


def test_films_are_read_together_while_the_server_answers(
    port: int, film: bytes, tiny: Diagnostician, monkeypatch: pytest.MonkeyPatch
) -> None:
    together, may_end, reading = Barrier(2), Event(), Event()

    def wait() -> None:
        together.wait(WAIT_SECONDS)
        reading.set()
        assert may_end.wait(WAIT_SECONDS)

    read_by(tiny, wait, Turns(2), monkeypatch)
    with ThreadPoolExecutor(2) as clients:
        waiting = [clients.submit(asked, port, "/api/read", film) for _ in range(2)]
        assert reading.wait(WAIT_SECONDS)
        assert asked(port, "/api/openapi.json")[0] == 200
        may_end.set()
        assert [each.result()[0] for each in waiting] == [200, 200]


def test_all_requests_together_own_one_place_in_the_queue_of_readings(
    port: int, film: bytes, tiny: Diagnostician, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    turns = Turns(1)
    read_by(tiny, lambda: order.append("api"), turns, monkeypatch)
    with ThreadPoolExecutor(IN_HAND) as clients, ThreadPoolExecutor(1) as session:
        with turns.turn("first"):
            waiting = [clients.submit(asked, port, "/api/read", film) for _ in range(IN_HAND)]
            until(lambda: len(turns) == IN_HAND)
            other = session.submit(_read_in_turn, turns, order)
            until(lambda: len(turns) == IN_HAND + 1)
        assert {each.result()[0] for each in waiting} == {200}
        other.result()
    assert order == ["api", "session", *["api"] * (IN_HAND - 1)]


def _read_in_turn(turns: Turns, order: list[str]) -> None:
    with turns.turn("session"):
        order.append("session")


@pytest.mark.usefixtures("tiny")
def test_who_comes_when_all_places_are_taken_is_sent_away_until_one_is_free(
    port: int, film: bytes
) -> None:
    taken = [begun(port) for _ in range(IN_HAND)]
    until(lambda: asked(port, "/api/read", film)[0] == 503)
    status, headers, content = asked(port, "/api/read", film)
    assert (status, content["code"]) == (503, "api.error.too_many")
    assert int(headers["retry-after"]) > 0
    for connection in taken:
        connection.close()
    until(lambda: asked(port, "/api/read", film)[0] == 200)


def test_a_film_that_does_not_arrive_is_not_waited_for(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "BODY_SECONDS", 0.1)
    status, headers, content = answered(begun(port))
    assert (status, content["code"]) == (408, "api.error.too_slow")
    assert headers["connection"] == "close"


@pytest.mark.usefixtures("tiny")
def test_without_a_gate_nobody_is_asked_for_the_population(port: int, film: bytes) -> None:
    status, _, content = asked(port, "/api/read", film)
    assert status == 200
    assert content["population"] is None
    assert content["sha256"]["population_reader"] is None


def test_nothing_is_read_with_weights_that_cannot_be_trusted(
    port: int, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str = "") -> Diagnostician:
        raise WeightsMissing(file="x.safetensors")

    monkeypatch.setattr(readings, "shared_diagnostician", missing)
    monkeypatch.setattr(readiness, "shared_diagnostician", missing)
    for path, body in (("/api/read", film), ("/api/health", None)):
        status, _, content = asked(port, path, body)
        assert (status, content["code"]) == (503, "errors.weights.missing")
        assert content["detail"] == text("en", "errors.weights.missing", file="x.safetensors")
    monkeypatch.setattr(readiness, "shared_diagnostician", lambda: None)
    assert asked(port, "/api/health")[0] == 200, "restored weights are found"


def test_it_is_not_ready_before_the_model_is_loaded(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_load = Event()
    monkeypatch.setattr(readiness, "shared_diagnostician", lambda: may_load.wait(WAIT_SECONDS))
    status, headers, content = asked(port, "/api/health")
    assert (status, content["code"]) == (503, "api.error.loading")
    assert int(headers["retry-after"]) > 0
    may_load.set()
    until(lambda: asked(port, "/api/health")[2] == {"status": "ready"})


def test_without_memory_a_program_is_asked_to_try_again(
    port: int, film: bytes, tiny: Diagnostician, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise MemoryError

    read_by(tiny, fail, Turns(1), monkeypatch)
    status, headers, content = asked(port, "/api/read", film)
    assert (status, content["code"]) == (503, "film.error.no_memory")
    assert int(headers["retry-after"]) > 0


@pytest.mark.usefixtures("tiny")
def test_readings_and_refusals_are_counted_where_that_is_asked_for(
    port: int, film: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(COUNTS_VARIABLE, str(tmp_path))
    assert [asked(port, "/api/read", body)[0] for body in (film, film, b"x")] == [200, 200, 422]
    (file,) = tmp_path.iterdir()
    counts = json.loads(file.read_text())
    assert sum(counts["verdicts"].values()) == sum(counts["seconds_to_verdict"].values()) == 2
    assert counts["refused"] == {"film.error.unknown_format": 1}


def test_of_an_unforeseen_error_nothing_is_told(
    port: int, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> Diagnostician:
        raise RuntimeError("secret")

    monkeypatch.setattr(readings, "shared_diagnostician", broken)
    status, _, content = asked(port, "/api/read", film)
    assert (status, content["code"]) == (500, "api.error.unforeseen")
    assert "secret" not in json.dumps(content)


def test_it_goes_below_the_path_of_the_pages() -> None:
    with served("room/") as port:
        assert asked(port, "/room/api/openapi.json")[2]["servers"] == [{"url": "/room/api"}]


@pytest.mark.usefixtures("tiny")
def test_behind_a_login_only_who_has_the_token_is_answered(
    film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "shared_diagnostician", lambda: None)
    with served(is_closed=True) as port:
        for path, body in (("/api/read", film), ("/api/model", None), ("/api/openapi.json", None)):
            status, headers, content = asked(port, path, body, Authorization="Bearer ")
            assert (status, content["code"]) == (401, "api.error.token")
            assert headers["www-authenticate"] == "Bearer"
        assert asked(port, "/api/health")[0] == 200
        monkeypatch.setenv(TOKEN_VARIABLE, "abc")
        assert asked(port, "/api/read", film, Authorization="Bearer ab")[0] == 401
        assert asked(port, "/api/read", film, Authorization="Bearer abc")[0] == 200


@pytest.mark.usefixtures("tiny")
def test_a_token_closes_the_interface_without_a_login_too(
    port: int, film: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asked(port, "/api/read", film)[0] == 200
    monkeypatch.setenv(TOKEN_VARIABLE, "abc")
    assert asked(port, "/api/read", film)[0] == 401
    assert asked(port, "/api/read", film, Authorization="Bearer abc")[0] == 200
