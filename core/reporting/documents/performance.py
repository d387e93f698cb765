"""The table of how fast films are read, for docs/performance.md."""

from pathlib import Path

from core.reporting.markdown import NOT_MEASURED, table
from core.results.benchmark import USUAL, Benchmark, read_benchmark

_WAYS = {
    USUAL: "The usual way, with overlay",
    "verdict": "Verdict, lungs and heat",
    "display": "The same, with the overlay at 1,024 px",
    "overlay": "The same, with the overlay at the film's own size",
}


def performance_text(language: str, results: Path | None = None) -> str:
    """What was measured, in English alone.

    Args:
        language: Of the document; it changes nothing.
        results: Folder of results; ``results_folder()`` if None.
    """
    found = read_benchmark(results)
    if found is None:
        return NOT_MEASURED
    return "\n\n".join((_machine(found), _timings(found), _rest(found)))


def _machine(found: Benchmark) -> str:
    film = found.film
    return (
        f"{found.date}, {found.cpu}, {found.threads} threads, torch {found.torch}. One JPEG of "
        f"{film['width_px']:,} by {film['height_px']:,} pixels, {film['bytes'] / 1000:,.0f} kB, "
        f"{found.rounds} times each way, in turn."
    )


def _timings(found: Benchmark) -> str:
    rows = [
        (
            _WAYS[each.way],
            each.model,
            f"{each.median_ms:.0f} ms",
            f"{each.p95_ms:.0f} ms",
            f"{each.times_faster:.1f}",
        )
        for each in found.timings
    ]
    return table(["From bytes to", "Model", "Median", "95th percentile", "Times as fast"], rows)


def _rest(found: Benchmark) -> str:
    memory = ", ".join(
        f"{size:,.0f} MB after {films} {'film' if films == 1 else 'films'}"
        for films, size in found.memory_mb.items()
    )
    return (
        f"The first verdict comes {found.start_s:.1f} s after the start of a Python process. Its "
        f"memory: {memory}."
    )
