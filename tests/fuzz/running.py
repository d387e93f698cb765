"""Broken files through the readers, in a process that may hang, grow or die of them."""

import io
import logging
import multiprocessing
import resource
import time
import warnings
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import numpy as np

from core.imaging import read_film
from core.inference.worklist.entries import files_of
from core.messages.errors import FilmError, NoMemory
from tests.fuzz.mutations import broken, seeds

MOST_SECONDS, MOST_BYTES = 5.0, 2**30
"""That one file may take, and beyond what the process takes by itself."""

_STARTING_SECONDS = 60


@dataclass(frozen=True)
class Finding:
    """A file that no reader should have met so.

    Args:
        number: That makes the file again, with the seed.
        seed: The sound file's name.
        what: What happened.
        data: The file.
    """

    number: int
    seed: str
    what: str
    data: bytes = field(repr=False)

    def __str__(self) -> str:
        return self.what


def made(number: int) -> tuple[str, bytes]:
    """The broken file of a number, and the name of its seed."""
    random = np.random.default_rng(number)
    known = seeds()
    name = list(known)[number % len(known)]
    return name, broken(name, known[name], random)


def complaint(data: bytes) -> str:
    """What a reader does that it should not; empty where all is well."""
    try:
        if data.startswith(b"PK"):
            for _, reader in files_of("films.zip", io.BytesIO(data))[0]:
                try:
                    read_film(reader())
                except NoMemory:
                    raise
                except FilmError:
                    continue
        else:
            read_film(data)
    except NoMemory:
        return "memory"
    except FilmError:
        return ""
    except Exception as error:
        return f"untyped: {type(error).__name__}"
    return ""


def fuzz(first: int, seconds: float, most: int = 10**9) -> tuple[int, list[Finding]]:
    """Try files until the time is over.

    Args:
        first: Number of the first file.
        seconds: How long.
        most: How many files at most.

    Returns:
        How many were tried, and what was found, of each kind once.
    """
    number, found, worker = first, dict[str, Finding](), _Worker()
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end and number < first + most:
            what = worker.tried(number)
            if what:
                name, data = made(number)
                found.setdefault(f"{name}: {what}", Finding(number, name, what, data))
            number += 1
    finally:
        worker.stop()
    return number - first, list(found.values())


class _Worker:
    """A process that reads, and another one where it fails."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = self._context.Pipe()
        self._process = self._context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self._pipe.poll(_STARTING_SECONDS)
        self._pipe.recv()

    def tried(self, number: int) -> str:
        """What is to be complained of; empty where all is well."""
        self._pipe.send(number)
        try:
            if self._pipe.poll(MOST_SECONDS + 1):
                return str(self._pipe.recv())
            what = f"over {MOST_SECONDS} seconds"
        except EOFError:
            what = "the process died"
        self.stop()
        self._start()
        return what

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()


def _serve(pipe: Connection) -> None:
    warnings.simplefilter("ignore")
    logging.disable()  # every file that is refused is logged
    known = seeds()
    names = list(known)
    for name in names:
        complaint(known[name])
    own_pages = int(open("/proc/self/statm").read().split()[0])  # noqa: PTH123, SIM115
    limit = own_pages * resource.getpagesize() + MOST_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    pipe.send("ready")
    while True:
        number = pipe.recv()
        name = names[number % len(names)]
        data = broken(name, known[name], np.random.default_rng(number))
        start = time.monotonic()
        what = complaint(data)
        seconds = time.monotonic() - start
        pipe.send(what or (f"{seconds:.1f} seconds" if seconds > MOST_SECONDS else ""))
