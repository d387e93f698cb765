"""A short run of the load test with real browsers, and that it sees what it looks for."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from core.data.samples import GALLERY_FOLDER
from core.imaging import read_film
from core.models.weights import DEFAULT_MODEL, WEIGHTS_FOLDER
from core.reporting.documents.performance import load_text
from core.results.load import LOAD_FILE, PageLoad, name_of, read_load, write_load
from tests.browser.chromium import needed_chromium
from tests.load.distinct import distinct
from tests.load.pages import load_pages, says
from tests.load.process import cpu_s, memory_mb
from tests.load.running import Expected, expected
from tests.support.fixtures import one_thread

__all__ = ["one_thread"]

FOUND = PageLoad(
    date="2026-01-02",
    cpu="a CPU",
    cores=2,
    browsers=1,
    seconds=60.0,
    readings=70,
    errors=0,
    mix_ups=0,
    median_s=0.5,
    p95_s=0.75,
    cpu_s=0.25,
    first_page_s=4.5,
    first_picture_s=5.5,
    start_mb=800.0,
    first_mb=900.0,
    end_mb=910.0,
    peak_mb=1950.0,
)


@pytest.fixture(scope="module")
def films() -> list[Path]:
    """Two synthetic films in two forms, and a file that is none."""
    normal = GALLERY_FOLDER / "NORMAL"
    return [
        normal / "normal-1.png",
        GALLERY_FOLDER / "PNEUMONIA" / "pneumonia-1.dcm",
        GALLERY_FOLDER / "gallery.json",
    ]


@pytest.fixture(scope="module")
def known(films: list[Path]) -> Expected:
    return expected(films, DEFAULT_MODEL, WEIGHTS_FOLDER)


@pytest.mark.browser
def test_browsers_at_once_see_their_own_films_verdicts(films: list[Path], known: Expected) -> None:
    executable = needed_chromium()
    with ThreadPoolExecutor(1) as aside:  # another test's browser may have this thread's loop
        found = aside.submit(load_pages, executable, films, 2, known, seconds=6).result()
    assert (found.errors, found.mix_ups, found.browsers) == (0, 0, 2)
    assert found.readings >= 4
    assert 0 < found.median_s <= found.p95_s
    assert 0 < found.first_page_s < found.first_picture_s
    assert 0 < found.cpu_s * (found.readings - 1) <= found.cores * (found.seconds + 1)
    assert 100 < found.start_mb <= found.peak_mb
    assert found.end_mb < found.first_mb + 300


@pytest.mark.browser
def test_a_verdict_of_another_film_is_seen_on_the_page_and_uploads_are_counted(
    films: list[Path], known: Expected
) -> None:
    executable = needed_chromium()
    normal, pneumonia = (known[str(film)] for film in films[:2])
    assert normal[0] != pneumonia[0]
    turned = {**known, str(films[0]): pneumonia, str(films[1]): normal}
    with ThreadPoolExecutor(1) as aside:
        found = aside.submit(load_pages, executable, films, 1, turned, uploads=3).result()
    assert (found.readings, found.mix_ups, found.errors) == (3, 3, 0)


@pytest.mark.parametrize("name", ["normal-1.png", "normal-1.dcm"])
def test_a_copy_has_other_bytes_and_the_same_pixels(name: str) -> None:
    data = (GALLERY_FOLDER / "NORMAL" / name).read_bytes()
    films = [read_film(each) for each in (data, distinct(data, 1), distinct(data, 2))]
    assert len({film.sha256 for film in films}) == 3
    assert len({film.pixels.tobytes() for film in films}) == 1
    assert len({film.notices for film in films}) == 1


def test_the_page_may_round_a_probability_otherwise_and_no_more() -> None:
    line = "43.2\N{NO-BREAK SPACE}% probability"
    assert says("Normal", line, "NORMAL", 0.4321)
    assert says("circle Normal", line, "NORMAL", 0.43255)
    assert not says("Normal", line, "NORMAL", 0.4337)
    assert not says("Pneumonia", line, "NORMAL", 0.4321)
    assert not says("Normal", line, None, None)


def test_a_process_is_told_with_its_children() -> None:
    hungry = "x = bytearray(2**27)\nfor _ in range(10**7): pass\nprint(1, flush=True)\ninput()"
    before, used = memory_mb(os.getpid()), cpu_s(os.getpid())
    command = [sys.executable, "-c", hungry]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        assert memory_mb(os.getpid()) > before + 100
        assert cpu_s(os.getpid()) > used
        running = cpu_s(os.getpid())
        child.communicate(b"\n")
    assert memory_mb(os.getpid()) < before + 100
    assert cpu_s(os.getpid()) >= running
    assert memory_mb(child.pid) == 0


def test_a_run_is_kept_by_its_name_and_told(tmp_path: Path) -> None:
    assert read_load(tmp_path) == {}
    assert load_text("en", tmp_path) == "not measured"
    many = replace(FOUND, browsers=20, mix_ups=1, median_s=4.25)
    counted = replace(FOUND, memory_mb={100: 905.0, 2000: 907.5})
    for run, is_counted in ((replace(FOUND, readings=3), False), (counted, True), (many, False)):
        write_load(name_of(run.browsers, is_counted), run, tmp_path)
    file = write_load("one browser", FOUND, tmp_path)
    assert file == tmp_path / LOAD_FILE
    assert set(json.loads(file.read_text())) == {"one browser", "20 browsers", "uploads"}
    assert read_load(tmp_path) == {"one browser": FOUND, "20 browsers": many, "uploads": counted}
    told = load_text("en", tmp_path)
    machine = "2026-01-02, a CPU, 2 cores"
    assert f"| One browser, 60 s, {machine} | 70 | 0 | 0 | 0.50 s | 0.75 s |" in told
    assert f"| 20 browsers, 60 s, {machine} | 70 | 0 | 1 | 4.25 s | 0.75 s |" in told
    memory = "800 MB | 900 MB | 910 MB | 1,950 MB"
    assert f"| One browser, 60 s, {machine} | 0.25 s | 4.5 s | 5.5 s | {memory} |" in told
    assert told.endswith("Memory by uploads: 905 MB after 100, 908 MB after 2,000.")
