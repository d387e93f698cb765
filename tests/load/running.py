"""Several sessions read at once, as the server's do, and each verdict is checked.

A session has a list of its own and reads it through the queue of all sessions, film after film;
then it begins again with a new list. What it should find is what the command line says of the file.
"""

import csv
import hashlib
import io
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from threading import Thread

import numpy as np

from core.cli import predict
from core.inference.model import Diagnostician
from core.inference.turns import TURNS
from core.inference.worklist import Finding, Worklist
from core.results.load import PageLoad
from tests.load.process import memory_mb

CLOSE = 1e-4
"""Probabilities are of the same film where they differ by less: more threads add in another
order."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run.

    Attributes:
        sessions: Sessions that read at once.
        readings: Films that they read.
        refused: Of these, files that were refused, as the command line refuses them.
        errors: Readings that raised something.
        mix_ups: Readings whose file, verdict or probability is not that of the session's film.
        median_s: Seconds from asking to the finding, of half of the readings at most.
        p95_s: The same of 95 %.
        start_mb: Memory of the process before, in MiB.
        end_mb: And after.
    """

    sessions: int
    readings: int
    refused: int
    errors: int
    mix_ups: int
    median_s: float
    p95_s: float
    start_mb: float
    end_mb: float


@dataclass(slots=True)
class _Seen:
    """What one session noted."""

    waits: list[float] = field(default_factory=list)
    refused: int = 0
    mix_ups: int = 0
    errors: list[str] = field(default_factory=list)


Expected = dict[str, tuple[str | None, float | None]]
"""Verdict and probability by path; None where the file is refused."""


def expected(films: Sequence[Path], model: str, weights: Path) -> Expected:
    """What the command line says of films."""
    said = io.StringIO()
    with redirect_stdout(said):
        names = [str(film) for film in films]
        predict.main([*names, "--model", model, "--weights", str(weights), "--json"])
    rows = [json.loads(line) for line in said.getvalue().splitlines()]
    return {row["file"]: (row["verdict"], row["probability"]) for row in rows}


def load(
    films: Sequence[Path], sessions: int, seconds: float, model: Diagnostician, known: Expected
) -> Outcome:
    """Let sessions read their own films for a while.

    Args:
        films: Dealt out to the sessions; where there are fewer, sessions share some.
        sessions: How many. The first has a list of all films, the others have their own.
        seconds: How long; a reading that has begun is ended.
        model: Reads them.
        known: As ``expected`` has it.
    """
    seen = [_Seen() for _ in range(sessions)]
    own = [films, *(films[n % len(films) :: sessions] for n in range(1, sessions))]
    start_mb, end = memory_mb(os.getpid()), time.monotonic() + seconds
    threads = [
        Thread(target=_read_until, args=(end, theirs, model, known, noted), daemon=True)
        for theirs, noted in zip(own, seen, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    waits = [wait for each in seen for wait in each.waits]
    for error in {error for each in seen for error in each.errors}:
        sys.stderr.write(f"{error}\n")
    return Outcome(
        sessions,
        len(waits),
        sum(each.refused for each in seen),
        sum(len(each.errors) for each in seen),
        sum(each.mix_ups for each in seen),
        median(waits) if waits else 0.0,
        float(np.quantile(waits, 0.95)) if waits else 0.0,
        start_mb,
        memory_mb(os.getpid()),
    )


def _read_until(
    end: float, films: Sequence[Path], model: Diagnostician, known: Expected, seen: _Seen
) -> None:
    while time.monotonic() < end:
        listed = Worklist()
        of = {}
        for film in films:
            (number,) = listed.add(str(film), film.name, io.BytesIO(film.read_bytes()))
            of[number] = film
        for number, film in of.items():
            if time.monotonic() > end:
                return
            asked = time.monotonic()
            try:
                with TURNS.turn(listed):
                    listed.read(number, model)
                seen.waits.append(time.monotonic() - asked)
                finding = listed.row(number, model.card.sha256).finding
                seen.refused += finding is not None and finding.refusal is not None
                seen.mix_ups += finding is None or not is_of(finding, film, known)
            except Exception as error:  # whatever it is, it is counted and told
                seen.errors.append(repr(error))


def is_of(finding: Finding, film: Path, known: Expected) -> bool:
    """Whether a finding is what the command line says of this film, and of these bytes."""
    verdict, probability = known[str(film)]
    if finding.file_sha256 != hashlib.sha256(film.read_bytes()).hexdigest():
        return False
    found = finding.diagnosis
    if found is None or probability is None:
        return found is None and probability is None
    return found.verdict == verdict and abs(found.probability - probability) < CLOSE


def write(outcome: Outcome | PageLoad, file: Path) -> str:
    """Write an outcome as CSV, and give it as lines to print."""
    row = {
        name: f"{value:.2f}" if isinstance(value, float) else str(value)
        for name, value in asdict(outcome).items()
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="") as handle:
        table = csv.DictWriter(handle, list(row))
        table.writeheader()
        table.writerow(row)
    return "".join(f"{name:>15} {value}\n" for name, value in row.items())
