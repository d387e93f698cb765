"""How fast films are read on a machine: ``results/benchmark.json``."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from core.results.folder import results_folder, write_json

BENCHMARK_FILE = "benchmark.json"
USUAL = "usual"
"""The way that everything else is compared with."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One way to read a film.

    Args:
        way: ``USUAL``, or ``verdict``, ``display`` (with the overlay at the size of a display) or
            ``overlay`` (at the film's own size).
        model: Name of the shipped model; of the architecture where it is the usual way.
        median_ms: Median time of a film, in milliseconds.
        p95_ms: 95th percentile.
        times_faster: How many times as fast as the usual way, by the medians.
    """

    way: str
    model: str
    median_ms: float
    p95_ms: float
    times_faster: float


@dataclass(frozen=True, slots=True)
class Benchmark:
    """All of one run.

    Args:
        date: Of the run.
        cpu: The processor.
        threads: Threads that torch used.
        torch: Its version.
        film: What was read: ``width_px``, ``height_px`` and ``bytes``.
        rounds: How often each way was taken, in turn.
        timings: A row a way.
        start_s: Seconds from the start of a process to its first verdict.
        memory_mb: By number of films read: the memory of a process of its own, in MB.
        bulk_films_s: By shipped model: films a second of a folder, as ``predict`` reads it.
        verdict_gflop: By shipped model: what its networks compute for a verdict, in 1e9 operations.
        machine_gflop_s: What torch does a second in a large product of float32 matrices.
    """

    date: str
    cpu: str
    threads: int
    torch: str
    film: Mapping[str, int]
    rounds: int
    timings: tuple[Timing, ...]
    start_s: float
    memory_mb: Mapping[int, float]
    bulk_films_s: Mapping[str, float]
    verdict_gflop: Mapping[str, float]
    machine_gflop_s: float


def write_benchmark(found: Benchmark, results: Path) -> Path:
    """Write a benchmark. Returns the file."""
    results.mkdir(parents=True, exist_ok=True)
    write_json(results / BENCHMARK_FILE, asdict(found))
    return results / BENCHMARK_FILE


def read_benchmark(results: Path | None = None) -> Benchmark | None:
    """The benchmark; None before one was run.

    Args:
        results: Folder of results; ``results_folder()`` if None.
    """
    file = (results or results_folder()) / BENCHMARK_FILE
    if not file.is_file():
        return None
    found = json.loads(file.read_text(encoding="utf-8"))
    found["timings"] = tuple(Timing(**each) for each in found["timings"])
    found["memory_mb"] = {int(films): size for films, size in found["memory_mb"].items()}
    return Benchmark(**found)
