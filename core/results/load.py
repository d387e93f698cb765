"""What reading on the page costs a server: ``results/load.json``, a run by what was run."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from core.results.folder import results_folder, write_json

LOAD_FILE = "load.json"
UPLOADS = "uploads"
"""Name of the run that ends after so many uploads."""


@dataclass(frozen=True, slots=True)
class PageLoad:
    """One run of browsers that upload film after film. Memory is of the server and its children.

    Attributes:
        date: Of the run.
        cpu: The processor, which server and browsers share.
        cores: That they may use.
        browsers: Pages that uploaded at once.
        seconds: How long they did.
        readings: Verdicts with their pictures that they saw.
        errors: Uploads that came to no picture.
        mix_ups: Verdicts that are not what the command line says of the film.
        median_s: Seconds from giving the file to its picture, of half of the readings at most.
        p95_s: The same of 95 %.
        cpu_s: Processor seconds of the server a verdict, without its start and the first verdict.
        first_page_s: Seconds from the start of the server to the heading of the first page.
        first_picture_s: Seconds from there to the first verdict with its picture.
        start_mb: Memory before the first page, in MiB.
        first_mb: After the first verdict.
        end_mb: At the end.
        peak_mb: The most.
        memory_mb: Memory by the number of uploads, every hundred.
    """

    date: str
    cpu: str
    cores: int
    browsers: int
    seconds: float
    readings: int
    errors: int
    mix_ups: int
    median_s: float
    p95_s: float
    cpu_s: float
    first_page_s: float
    first_picture_s: float
    start_mb: float
    first_mb: float
    end_mb: float
    peak_mb: float
    memory_mb: Mapping[int, float] = field(default_factory=dict)


def name_of(browsers: int, is_counted: bool = False) -> str:
    """What a run is kept as.

    Args:
        browsers: How many there were.
        is_counted: Whether it ended after a number of uploads.

    Examples:
        >>> name_of(1), name_of(20), name_of(4, is_counted=True)
        ('one browser', '20 browsers', 'uploads')
    """
    if is_counted:
        return UPLOADS
    return "one browser" if browsers == 1 else f"{browsers} browsers"


def write_load(name: str, found: PageLoad, results: Path) -> Path:
    """Keep a run in the place of the last one of its name. Returns the file."""
    results.mkdir(parents=True, exist_ok=True)
    runs = {**read_load(results), name: found}
    write_json(results / LOAD_FILE, {each: asdict(run) for each, run in runs.items()})
    return results / LOAD_FILE


def read_load(results: Path | None = None) -> dict[str, PageLoad]:
    """The runs by name; empty before one was kept.

    Args:
        results: Folder of results; ``results_folder()`` if None.
    """
    file = (results or results_folder()) / LOAD_FILE
    if not file.is_file():
        return {}
    runs = json.loads(file.read_text(encoding="utf-8"))
    return {
        name: PageLoad(
            **{**run, "memory_mb": {int(after): size for after, size in run["memory_mb"].items()}}
        )
        for name, run in runs.items()
    }
