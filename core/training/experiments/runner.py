"""Training the runs of a study: one after another, several at a time, or on a cluster.

A run is a command of its own, ``python -m core train``: it has its own memory and random numbers,
continues where it was stopped, and takes nothing else down with it. What spreads the commands is
whatever has the interface of ``concurrent.futures``: threads on this machine, or the workers of a
dask cluster.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from core.training.experiments.plan import PlannedRun, command_of

ROOT = Path(__file__).resolve().parents[3]
STOPPED = -1
_LOG_LINES = 8
_children: set["subprocess.Popen[bytes]"] = set()


@dataclass(frozen=True, slots=True)
class Place:
    """Where the runs of a study run.

    Args:
        parallel: Runs at a time; on a cluster its workers decide.
        cluster: Address of a dask scheduler whose workers see this folder and the data under the
            same paths; None for this machine.
        accelerator: ``auto``, ``cpu`` or ``gpu``.
    """

    parallel: int = 1
    cluster: str | None = None
    accelerator: str = "auto"

    def __post_init__(self) -> None:
        if self.parallel < 1:
            raise ValueError("parallel must be positive")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Args:
        run: The run.
        status: Exit status of its command; ``STOPPED`` where its time was up.
        minutes: How long it ran now.
        log: The last lines that it wrote, where it failed.
    """

    run: PlannedRun
    status: int
    minutes: float
    log: str


def train_all(
    runs: Sequence[PlannedRun],
    data: Path,
    results: Path,
    place: Place,
    until: float | None = None,
) -> Iterator[Outcome]:
    """Train runs, and tell of each as it ends.

    Args:
        runs: In the order in which they are started.
        data: The data folder.
        results: Folder of results.
        place: Where they run.
        until: When the time is up, as ``time.time()``: no run is started after that, and those
            that run are stopped, to be continued another time.
    """
    threads = None if place.parallel == 1 else max(1, (os.cpu_count() or 1) // place.parallel)
    where = ["--data", str(data.resolve()), "--results", str(results.resolve())]
    where += ["--accelerator", place.accelerator, "--test-logits"]
    with _executor(place) as executor:
        futures: dict[Future[tuple[int, float, str]], PlannedRun] = {
            executor.submit(
                train_one,
                [*command_of(run.name, asdict(run.config)), *where],
                results.resolve() / ".running" / f"{run.name}.log",
                threads,
                until,
            ): run
            for run in runs
        }
        try:
            for future in as_completed(futures):
                yield Outcome(futures[future], *future.result())
        finally:
            for future in futures:
                future.cancel()
            for child in tuple(_children):
                child.terminate()


def train_one(
    arguments: Sequence[str], log: Path, threads: int | None, until: float | None
) -> tuple[int, float, str]:
    """Train one run in a process of its own.

    Args:
        arguments: Of ``python -m core train``.
        log: Where its output goes; kept if it fails.
        threads: How many it computes with; None leaves that to it.
        until: When it is stopped, as ``time.time()``.

    Returns:
        What ``Outcome`` holds, but for the run.
    """
    left = None if until is None else until - time.time()
    if left is not None and left <= 0:
        return STOPPED, 0.0, ""
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    environment = {**os.environ, **({"OMP_NUM_THREADS": str(threads)} if threads else {})}
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "core", "train", *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _children.add(child)
        try:
            status = child.wait(left)
        except subprocess.TimeoutExpired:
            child.terminate()
            child.wait()
            status = STOPPED
        finally:
            _children.discard(child)
    minutes = (time.monotonic() - started) / 60
    if status in (0, STOPPED):
        log.unlink()
        return status, minutes, ""
    lines = log.read_text("utf-8", "replace").replace("\r", "\n").splitlines()
    return status, minutes, "\n".join(lines[-_LOG_LINES:])


@contextmanager
def _executor(place: Place) -> Iterator[Executor]:
    """What the commands are handed to."""
    if place.cluster is None:
        with ThreadPoolExecutor(place.parallel) as threads:
            yield threads
        return
    from distributed import Client  # only who has a cluster needs it

    with Client(place.cluster) as client:  # type: ignore[no-untyped-call]
        yield client.get_executor(pure=False)
