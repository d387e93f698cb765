"""Whom the running app answers, and what it tells browsers: both ways to start it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import NamedTuple

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from core.messages.catalogue import text
from core.ui.frame.guard import HEADERS
from tests.support.served import serving
from tests.support.sources import REPOSITORY

FIRST_PAGE_SECONDS = 120
NAME = "reading-room.example"
WAYS = {
    "core serve": ["-m", "core", "serve", "--browser.serverAddress", NAME],
    "streamlit run": ["-m", "streamlit", "run", "app.py", "--server.allowedHosts", NAME],
}
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


class Answer(NamedTuple):
    """What the server said: the status, its headers in small letters, and the body."""

    status: int
    headers: dict[str, str]
    body: str


class Served(NamedTuple):
    """A server that runs."""

    port: int
    way: str

    def asked(self, path: str = "/", **headers: str) -> Answer:
        """Ask for a path under ``localhost``, or another ``Host``; no other header is added."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.putrequest("GET", path, skip_host=True)
        for name, value in {"Host": f"localhost:{self.port}", **headers}.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        body = "" if answer.status == 101 else answer.read().decode()
        connection.close()
        return Answer(answer.status, told, body)

    def opened(self, **headers: str) -> bool:
        """Whether a WebSocket opens, which is a session."""
        status = self.asked("/_stcore/stream", **HANDSHAKE, **headers).status
        assert status in (101, 403)
        return status == 101


@pytest.fixture(scope="module", params=WAYS)
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    """The app, started in one of the two ways on a free port of this machine alone."""
    hosts = ["--server.allowedHosts", "localhost"] * (request.param == "streamlit run")
    with serving([*WAYS[request.param], *hosts]) as (port, _):
        yield Served(port, request.param)


@pytest.mark.parametrize("path", ["/", "/diagnosis", "/_stcore/health", "/nothing.js"])
def test_every_answer_has_the_headers(served: Served, path: str) -> None:
    for headers in ({}, {"Host": "evil.example"}):
        told = served.asked(path, **headers).headers
        assert {name: told.get(name.lower()) for name in HEADERS} == HEADERS


def test_the_metrics_are_closed(served: Served) -> None:
    for path in ("/_stcore/metrics", "/_stcore/metrics/", "/_stcore/metrics?families=x"):
        assert served.asked(path).status == 404


@pytest.mark.parametrize("host", ["localhost:{port}", "localhost", "LOCALHOST.", NAME, f"{NAME}:8"])
def test_names_that_it_was_told_are_answered(served: Served, host: str) -> None:
    host = host.format(port=served.port)
    assert served.asked(Host=host).status == 200
    assert served.opened(Host=host)
    assert served.opened(Host=host, Origin=f"https://{host}")


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:{port}", f"x.{NAME}", "localhost.evil.example", ""),
        *("127.0.0.1.evil.example", "evil.example@localhost", "localhost:x", "0x7f.1", "[::1"),
    ],
)
def test_other_names_are_refused(served: Served, host: str) -> None:
    host = host.format(port=served.port)
    for path in ("/", "/diagnosis", "/_stcore/health", "/app/static/icon.svg"):
        answer = served.asked(path, **{"Host": host, "Accept-Language": "ko"})
        assert (answer.status, answer.body) == (403, text("ko", "frame.refused"))
    assert not served.opened(Host=host)
    assert not served.opened(Host=host, Origin=f"http://{host}"), "as a page of that name would"


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "127.0.0.1", "[::1]:{port}", "192.0.2.7:80"])
def test_addresses_are_answered_where_no_names_were_listed(served: Served, host: str) -> None:
    host = host.format(port=served.port)
    are_answered = served.way == "core serve"
    assert served.asked(Host=host).status == (200 if are_answered else 403)
    assert served.opened(Host=host, Origin=f"http://{host}") == are_answered


def test_pages_of_other_origins_are_refused(served: Served) -> None:
    own = f"http://localhost:{served.port}"
    assert served.asked(Origin=own).status == 200
    assert served.opened(Origin=own)
    others = ("http://localhost:1", "http://localhost", f"http://127.0.0.1:{served.port}", "null")
    for origin in (*others, "https://evil.example", f"http://localhost:{served.port}.evil.example"):
        assert not served.opened(Origin=origin), origin
        assert served.asked(Origin=origin).status == 403, origin


def test_a_session_runs_behind_it(served: Served) -> None:
    address = f"localhost:{served.port}"
    with connect(
        f"ws://{address}/_stcore/stream",
        origin=f"http://{address}",
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
    ) as session:
        asked = BackMsg()
        asked.rerun_script.query_string = ""
        session.send(asked.SerializeToString())
        end = time.monotonic() + FIRST_PAGE_SECONDS
        while time.monotonic() < end:
            told = session.recv(timeout=FIRST_PAGE_SECONDS)
            assert isinstance(told, bytes)
            message = ForwardMsg.FromString(told)
            if text("en", "diagnosis.drop") in message.delta.new_element.markdown.body:
                return
    pytest.fail("the first page was not drawn")


def test_what_the_first_page_loaded_is_not_collected_again_after_every_page() -> None:
    told = (
        "import gc\n"
        "from streamlit.web import cli\n"
        "from core.ui.frame.serve import serve\n"
        "cli.main = lambda: print('frozen', gc.get_freeze_count(), 'left', len(gc.get_objects()))\n"
        "serve(['--server.headless', 'true'])\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", told], cwd=REPOSITORY, capture_output=True, check=True, text=True
    )
    words = found.stdout.split()
    frozen, left = (int(words[words.index(name) + 1]) for name in ("frozen", "left"))
    assert frozen > 100_000
    assert left < frozen / 20
