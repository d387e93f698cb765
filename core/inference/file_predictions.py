"""Predictions of files and folders, in their order, whether they can be read or not."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from core.data.folder import list_films
from core.imaging import Film, read_film_file
from core.imaging.no_film import is_no_film
from core.inference.diagnosis import Diagnosis
from core.inference.gate import admit
from core.inference.memory import memory_told
from core.inference.model import Diagnostician
from core.messages.catalogue import DEFAULT_LANGUAGE
from core.messages.errors import FilmError, FilmMissing, NotWritten, OutputError
from core.messages.plain import why

Write = Callable[[Path, Film, Diagnosis], list[str]]
"""Writes files of a film that was read, and gives their names; raises OutputError."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """One line of the answer; what is said of the film is None where it was not read.

    ``label`` is the class at the operating point; ``verdict`` may be ``REVIEW`` as well.
    ``population`` is whose film it is, None where that was not asked. ``warnings`` begin with why
    there is no plain verdict, where anything but its probability stands against one. ``dicom``
    are the DICOM files that were written of it, if that was asked for. ``error`` is why the film
    was not read, or what of it could not be written.
    """

    file: str
    model: str
    verdict: str | None
    label: str | None
    probability: float | None
    threshold: float | None
    population: str | None
    warnings: list[str]
    error: str | None
    dicom: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read, and where below ``--cam`` and ``--lungs`` its pictures go."""

    path: Path
    place: Path


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file with its film and diagnosis, or with the error for which it has none."""

    source: Source
    found: tuple[Film, Diagnosis] | FilmError


def sources(paths: list[Path]) -> Iterator[Source]:
    """The files that the given paths name: folders recursively, in order, hidden files left out.

    So are a DICOMDIR and what was written of a film. Links that lead to no file are named, so that
    they are seen not to be read.
    """
    for path in paths:
        if path.is_dir():
            lost = [each for each in path.rglob("*") if each.is_symlink() and not each.is_file()]
            films = [file for file in list_films(path) if not is_no_film(file)]
            for file in sorted((*films, *lost)):
                yield Source(file, file.relative_to(path))
        else:
            yield Source(path, Path(path.name))


def read_each(diagnostician: Diagnostician, found: Iterable[Source]) -> Iterator[FileRead]:
    """Read files in their order, whether they can be read or not.

    As many are read at once as torch may use threads, each on one thread: that is faster than film
    after film on all of them, and what is read is to the last digit what the app reads.
    """
    at_once = torch.get_num_threads()
    waiting: deque[Future[FileRead]] = deque()
    with ThreadPoolExecutor(at_once, initializer=torch.set_num_threads, initargs=(1,)) as threads:
        for source in found:
            waiting.append(threads.submit(_read, diagnostician, source))
            if len(waiting) > at_once:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _read(diagnostician: Diagnostician, source: Source) -> FileRead:
    try:
        with memory_told():
            film = admit(read_film_file(source.path))
            return FileRead(source, (film, diagnostician.diagnose(film)))
    except FilmError as error:
        return FileRead(source, error)
    except OSError:
        return FileRead(source, FilmMissing(file=source.path))


def predict(
    diagnostician: Diagnostician,
    found: Iterable[Source],
    cam_folder: Path | None = None,
    lungs_folder: Path | None = None,
    write: Write | None = None,
) -> Iterator[Prediction]:
    """Predict files in their order; a file that cannot be read is a prediction with an error.

    Args:
        diagnostician: The model.
        found: The files.
        cam_folder: Where heatmaps go, if anywhere: the film with the map of its diagnosis.
        lungs_folder: Where masks of the lungs go, if anywhere: 255 is lung, 0 is not.
        write: What else is written of each film, if anything is.
    """
    for read in read_each(diagnostician, found):
        source = read.source
        if isinstance(read.found, FilmError):
            yield _refused(diagnostician, source.path, read.found)
            continue
        film, diagnosis = read.found
        missing = []
        if cam_folder:
            missing += _write(diagnosis.overlay, cam_folder / source.place, "cam")
        if lungs_folder:
            missing += _write(partial(_mask, diagnosis), lungs_folder / source.place, "lungs")
        written = []
        try:
            written += write(source.path, film, diagnosis) if write else []
        except OutputError as error:
            missing.append(str(error))
        yield Prediction(
            file=str(source.path),
            model=diagnostician.card.name,
            verdict=diagnosis.verdict,
            label=diagnosis.label,
            probability=diagnosis.probability,
            threshold=diagnosis.threshold,
            population=diagnosis.population.population if diagnosis.population else None,
            warnings=[
                notice.message(DEFAULT_LANGUAGE)
                for notice in (
                    *diagnosis.reasons,
                    *film.notices,
                    *diagnosis.told,
                    *filter(None, [diagnosis.site_notice]),
                )
            ],
            error=" ".join(missing) or None,
            dicom=written,
        )


def _refused(diagnostician: Diagnostician, path: Path, error: FilmError) -> Prediction:
    """What is said of a file that cannot be read: why."""
    name = diagnostician.card.name
    return Prediction(str(path), name, None, None, None, None, None, [], str(error))


def _mask(diagnosis: Diagnosis) -> NDArray[np.uint8]:
    return diagnosis.lungs.astype(np.uint8) * 255


def _write(draw: Callable[[], NDArray[np.uint8]], place: Path, what: str) -> list[str]:
    """Write a picture of a film as PNG; a name already taken gets a number.

    Returns:
        What is to be said where it could not be written, and then no part of it is left.
    """
    target = place.with_name(f"{place.name}.{what}.png")
    number = 2
    while target.exists():
        target = place.with_name(f"{place.name}.{number}.{what}.png")
        number += 1
    try:
        picture = BytesIO()
        Image.fromarray(draw()).save(picture, "PNG")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(picture.getvalue())
    except (OSError, MemoryError) as error:
        with suppress(OSError):
            target.unlink(missing_ok=True)
        return [str(NotWritten(file=target, reason=why(error)))]
    return []
