"""mercure's processing module: what its entry runs, and when it has failed."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.sources import REPOSITORY

RUN = REPOSITORY / "deploy" / "mercure" / "run.sh"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """What mercure gives: a folder with two films and its own files, and one for the results."""
    incoming, results = tmp_path / "in", tmp_path / "out"
    incoming.mkdir()
    results.mkdir()
    for name in ("1.2#3.dcm", "1.2#4.dcm", "1.2#4.tags", "task.json"):
        (incoming / name).touch()
    return incoming, results


def run(folders: tuple[Path, Path], status: int, result: str = "") -> tuple[int, list[str]]:
    """Run the entry with a command line that writes ``result`` and ends with a status.

    Returns the entry's status, and the arguments of the command line.
    """
    incoming, results = folders
    python = incoming.parent / "python"
    told = incoming.parent / "arguments"
    written = f'touch "{results}/{result}"\n' if result else ""
    python.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >"{told}"\n{written}exit {status}\n')
    python.chmod(0o755)
    variables = {
        "PATH": f"{python.parent}:{os.environ['PATH']}",
        "MERCURE_IN_DIR": str(incoming),
        "MERCURE_OUT_DIR": str(results),
    }
    done = subprocess.run([RUN], env=variables, cwd=incoming)
    return done.returncode, told.read_text().splitlines()


def test_the_films_alone_are_read(folders: tuple[Path, Path]) -> None:
    status, arguments = run(folders, 0)
    films = [str(folders[0] / name) for name in ("1.2#3.dcm", "1.2#4.dcm")]
    assert arguments == ["-m", "core", "predict", *films, "--dicom", str(folders[1]), "--json"]
    assert status == 0


@pytest.mark.parametrize(
    ("status", "result", "expected"),
    [(1, "1.dcm", 0), (1, "", 1), (2, "", 2), (2, "1.dcm", 2)],
    ids=["one film refused", "no film read", "wrong usage", "wrong usage after a result"],
)
def test_it_fails_where_no_result_is_sent(
    folders: tuple[Path, Path], status: int, result: str, expected: int
) -> None:
    assert run(folders, status, result)[0] == expected
