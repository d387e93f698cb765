"""The app's server, started as a user starts it, for tests that ask it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.support.sources import REPOSITORY

START_SECONDS, STOP_SECONDS = 180, 30


@contextmanager
def serving(
    way: Sequence[str], output: Path | None = None, **environment: str
) -> Iterator[tuple[int, int]]:
    """Start the app on a free port of this machine alone, and give the port and the process's id.

    Args:
        way: What follows ``python``; the port and ``headless`` are added.
        output: Takes what the server prints; the tests' own output if None.
        **environment: Variables that differ from those of the tests.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--server.port", str(port), "--server.headless", "true"]
    command = [sys.executable, *way, *options]
    variables = {**os.environ, "DISPLAY": "", **environment}
    with (
        output.open("wb") if output else nullcontext() as stream,
        subprocess.Popen(
            command, cwd=REPOSITORY, env=variables, stdout=stream, stderr=stream
        ) as process,
    ):
        try:
            wait_for(port, process)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def wait_for(port: int, process: "subprocess.Popen[Any]") -> None:
    """Wait until the server listens; fail where it ends or takes too long."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, f"the server ended with status {process.returncode}"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"the server did not listen within {START_SECONDS} s")
