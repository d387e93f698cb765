"""The tables of docs/performance.md: how fast films are read, and what that costs on the page."""

from collections.abc import Mapping
from pathlib import Path

from core.reporting.markdown import NOT_MEASURED, table
from core.results.benchmark import USUAL, Benchmark, read_benchmark
from core.results.load import UPLOADS, PageLoad, read_load

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
    usual = next(each.median_ms for each in found.timings if each.way == USUAL)
    bulk = "; ".join(
        f"{name} {speed:.1f} films a second, {speed * usual / 1000:.1f} times the usual way's"
        for name, speed in found.bulk_films_s.items()
    )
    floor = "; ".join(
        f"{name} {work:.1f}, {1000 * work / found.machine_gflop_s:.0f} ms"
        for name, work in found.verdict_gflop.items()
    )
    return (
        f"A folder of such films, by `predict`: {bulk}. The floor: torch does "
        f"{found.machine_gflop_s:.0f} GFLOP a second in a large product of float32 matrices here; "
        f"the networks of a verdict take, in GFLOP, {floor}.\n\n"
        f"The first verdict comes {found.start_s:.1f} s after the start of a Python process. Its "
        f"memory: {memory}."
    )


def load_text(language: str, results: Path | None = None) -> str:
    """What browsers measured that uploaded film after film, in English alone.

    Args:
        language: Of the document; it changes nothing.
        results: Folder of results; ``results_folder()`` if None.
    """
    runs = read_load(results)
    if not runs:
        return NOT_MEASURED
    order = sorted(runs, key=lambda name: (name == UPLOADS, runs[name].browsers))
    named = {_name(runs[name]): runs[name] for name in order}
    counted = [_counted(runs[UPLOADS])] if UPLOADS in runs else []
    return "\n\n".join((_waits(named), _costs(named), *counted))


def _name(run: PageLoad) -> str:
    browsers = "One browser" if run.browsers == 1 else f"{run.browsers} browsers"
    return f"{browsers}, {run.seconds:.0f} s, {run.date}, {run.cpu}, {run.cores} cores"


def _waits(runs: Mapping[str, PageLoad]) -> str:
    rows = [
        (
            name,
            f"{run.readings:,}",
            f"{run.errors:,}",
            f"{run.mix_ups:,}",
            f"{run.median_s:.2f} s",
            f"{run.p95_s:.2f} s",
        )
        for name, run in runs.items()
    ]
    heads = ("Run", "Verdicts", "Errors", "Mix-ups", "From file to picture: median")
    return table([*heads, "95th percentile"], rows)


def _costs(runs: Mapping[str, PageLoad]) -> str:
    rows = [
        (
            name,
            f"{run.cpu_s:.2f} s",
            f"{run.first_page_s:.1f} s",
            f"{run.first_picture_s:.1f} s",
            *(f"{size:,.0f} MB" for size in (run.start_mb, run.first_mb, run.end_mb, run.peak_mb)),
        )
        for name, run in runs.items()
    ]
    heads = ("Run", "Processor time a verdict", "Start to first page", "to first picture")
    memory = ("Memory at the start", "after the first verdict", "at the end", "peak")
    return table([*heads, *memory], rows)


def _counted(run: PageLoad) -> str:
    memory = ", ".join(
        f"{size:,.0f} MB after {uploads:,}" for uploads, size in run.memory_mb.items()
    )
    return f"Memory by uploads: {memory}."
