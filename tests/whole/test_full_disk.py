"""A disk that is full, memory that runs out, a command that is stopped: what was read is kept."""

import csv
import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.__main__ import main
from core.cli import describe
from core.imaging import Film
from core.inference.diagnosis import Diagnosis
from core.inference.model import Diagnostician
from tests.conftest import draw_film

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
TORCH = RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried ...")
Lines = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture
def films(tmp_path: Path) -> Path:
    for seed in range(5):
        draw_film(tmp_path / "films" / f"{seed}.png", seed)
    return tmp_path / "films"


@pytest.fixture
def predicted(films: Path, tiny_weights: Path, capsys: pytest.CaptureFixture[str]) -> Lines:
    """Reads the five films: exit status, the lines' objects, and what was said of errors."""

    def predict(*arguments: object) -> tuple[int, list[dict[str, Any]], str]:
        common = ["predict", str(films), "--json", "--model", "tiny", "--weights", tiny_weights]
        status = main([str(each) for each in (*common, *arguments)])
        printed = capsys.readouterr()
        return status, [json.loads(line) for line in printed.out.splitlines()], printed.err

    return predict


@pytest.fixture
def full_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """From so many files with an ending on, the disk is full half way through the next one."""
    write = Path.write_bytes

    def fill(ending: str, files: int) -> None:
        seen = iter(range(10**6))

        def write_bytes(file: Path, data: bytes) -> int:
            if not file.name.endswith(ending) or next(seen) != files:
                return write(file, data)
            write(file, data[: len(data) // 2])
            raise FULL

        monkeypatch.setattr(Path, "write_bytes", write_bytes)

    return fill


@pytest.mark.parametrize(("option", "ending"), [("--cam", "cam.png"), ("--lungs", "lungs.png")])
def test_a_picture_that_does_not_fit_costs_no_other(
    predicted: Lines,
    full_after: Callable[[str, int], None],
    tmp_path: Path,
    option: str,
    ending: str,
) -> None:
    full_after(ending, 2)
    status, lines, _ = predicted(option, tmp_path / "out", "--csv", tmp_path / "table.csv")
    assert status == 1
    assert all(line["verdict"] for line in lines)
    assert [bool(line["error"]) for line in lines] == [False, False, True, False, False]
    assert f"2.png.{ending} could not be written: No space left" in lines[2]["error"]
    names = [file.name for file in sorted((tmp_path / "out").iterdir())]
    assert names == [f"{seed}.png.{ending}" for seed in (0, 1, 3, 4)], "no half picture is left"
    assert (tmp_path / "table.csv").read_bytes().count(b"\n") == 6


def test_a_table_that_does_not_fit_keeps_its_whole_rows(
    predicted: Lines, full_after: Callable[[str, int], None], tmp_path: Path
) -> None:
    full_after("table.csv", 0)
    status, lines, said = predicted("--csv", tmp_path / "table.csv")
    assert (status, len(lines)) == (1, 5)
    with (tmp_path / "table.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert 0 < len(rows) < 5
    assert [row["probability"] for row in rows] == [
        str(line["probability"]) for line in lines[: len(rows)]
    ]
    assert f"No space left on device. It holds {len(rows)} of 5 rows" in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_device_that_is_full_is_told(predicted: Lines) -> None:
    status, lines, said = predicted("--csv", "/dev/full")
    assert (status, len(lines)) == (1, 5)
    assert "It holds 0 of 5 rows" in said


@pytest.mark.parametrize("error", [MemoryError(), TORCH], ids=["python", "torch"])
def test_a_film_without_memory_costs_no_other(
    predicted: Lines, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    fail_at_third(monkeypatch, error)
    status, lines, _ = predicted()
    assert status == 1
    assert [line["verdict"] is None for line in lines] == [False, False, True, False, False]
    assert "not enough memory to read this film" in lines[2]["error"]


def test_a_command_that_is_stopped_leaves_the_table_of_what_it_read(
    predicted: Lines, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fail_at_third(monkeypatch, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        predicted("--csv", tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_bytes().count(b"\n") == 3


def fail_at_third(patch: pytest.MonkeyPatch, error: BaseException) -> None:
    diagnose, seen = Diagnostician.diagnose, iter(range(10**6))

    def diagnosed(model: Diagnostician, film: Film) -> Diagnosis:
        if next(seen) == 2:
            raise error
        return diagnose(model, film)

    patch.setattr(Diagnostician, "diagnose", diagnosed)


def test_any_command_says_that_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(arguments: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "results/run.json")

    monkeypatch.setattr(describe, "main", fail)
    assert main(["describe"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: results/run.json could not be written: No space left on device.")
    assert "What was done before is kept" in said
