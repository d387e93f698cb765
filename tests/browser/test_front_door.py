"""What the README tells a newcomer to do, on a machine that knows nothing of the app."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core.messages.catalogue import text
from tests.browser.conftest import ROOT, OpenPage
from tests.browser.test_reading_room import ADDRESSES
from tests.support.served import wait_for

pytestmark = pytest.mark.browser

STOP_SECONDS = 30


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh clone of this working tree, into which ``make`` has nothing left to install."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        found = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no git repository to clone")
    folder = tmp_path_factory.mktemp("clone")
    for name in filter(None, found.stdout.split("\0")):
        if (ROOT / name).is_file():  # a file that was deleted is listed until that is committed
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".venv").mkdir()
    for part in Path(sys.prefix).iterdir():
        (folder / ".venv" / part.name).symlink_to(part)
    stamp = folder / ".venv" / ".app"
    stamp.unlink(missing_ok=True)
    stamp.touch()
    return folder


@pytest.fixture
def web_browser(tmp_path: Path) -> Path:
    """A program that notes what it is asked to open, in a file of its name with ``.opened``."""
    program = tmp_path / "web-browser"
    program.write_text('#!/bin/sh\necho "$1" >> "$0.opened"\n')
    program.chmod(0o755)
    return program


@contextmanager
def made(
    clone: Path, home: Path, port: int, **environment: str
) -> Iterator["subprocess.Popen[str]"]:
    """``make run`` with standard input closed, an empty home and a bare environment."""
    run = subprocess.Popen(
        ["sh", "-c", 'exec "$@" <&-', "sh", "make", "run", f"ARGS=--server.port {port}"],
        cwd=clone,
        env={"PATH": os.environ["PATH"], "HOME": str(home), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with run:
        try:
            yield run
        finally:
            if processes_of(run.pid):
                os.killpg(run.pid, signal.SIGKILL)


def processes_of(group: int) -> list[str]:
    """Command lines of a process group's members that still run."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pgid=,stat=,args="], capture_output=True, check=True, text=True
    )
    rows = (line.split(maxsplit=2) for line in listed.stdout.splitlines())
    return [args for pgid, stat, args in rows if int(pgid) == group and stat[0] != "Z"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(("how", "display"), [("SIGTERM", ""), ("Ctrl-C", ":0")])
def test_make_run_asks_nothing_serves_the_first_page_and_stops_cleanly(
    clone: Path, tmp_path: Path, browser: Browser, web_browser: Path, how: str, display: str
) -> None:
    port = free_port()
    (home := tmp_path / "home").mkdir()
    with made(clone, home, port, DISPLAY=display, BROWSER=f"{web_browser} %s") as run:
        address = f"http://localhost:{port}"
        wait_for(port, run)
        page = browser.new_page(locale="en-US")
        page.goto(address, timeout=60_000)
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text(text("en", "diagnosis.drop"), timeout=60_000)
        page.close()
        if how == "SIGTERM":
            run.terminate()
        else:  # a terminal sends it to everything in the foreground
            os.killpg(run.pid, signal.SIGINT)
        output, _ = run.communicate(timeout=STOP_SECONDS)
        assert not processes_of(run.pid)
    assert f" {address} " in output
    assert "mail" not in output
    assert "Traceback" not in output
    assert "Error" not in output
    opened = Path(f"{web_browser}.opened")
    assert opened.is_file() == bool(display), "a browser opens where there is a display"
    assert not display or opened.read_text() == f"{address}\n"


def test_ctrl_c_while_the_app_loads_ends_it_without_a_traceback(
    clone: Path, tmp_path: Path
) -> None:
    with made(clone, tmp_path, free_port()) as run:
        assert run.stdout
        told = [run.stdout.readline(), run.stdout.readline()]
        assert "Opening" in told[-1]
        time.sleep(0.5)
        os.killpg(run.pid, signal.SIGINT)
        output, _ = run.communicate(timeout=STOP_SECONDS)
        assert not processes_of(run.pid)
    assert "Traceback" not in output


def test_no_page_asks_an_outside_host_for_anything(open_page: OpenPage, address: str) -> None:
    own = (f"{address}/", address.replace("http", "ws", 1) + "/", f"blob:{address}/", "data:")
    asked: list[str] = []
    page = open_page()
    page.context.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda websocket: asked.append(websocket.url))
    sample = text("en", "samples.numbered", number=1)
    page.get_by_role("button", name=sample, exact=True).click()  # not its picture's "Fullscreen"
    expect(page.locator(".st-key-viewer canvas").first).to_be_visible(timeout=60_000)
    page.wait_for_load_state("networkidle")
    for path in ADDRESSES:
        page.goto(f"{address}/{path}")
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_load_state("networkidle")
        icon = page.locator("link[rel~=icon]").get_attribute("href")
        assert icon
        assert icon.startswith("data:image/svg+xml"), "the tab's icon is the app's own"
    assert any(url.startswith(address) for url in asked)
    assert not {url for url in asked if not url.startswith(own)}
