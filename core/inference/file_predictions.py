"""Predictions of files and folders, one after another, whether they can be read or not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from torch import Tensor

from core.data.batches import in_batches
from core.data.folder import list_films
from core.imaging import Film, Notice, read_film_file
from core.imaging.preprocess import squash
from core.inference.diagnosis import label_at, verdict_of
from core.inference.gate import admit
from core.inference.model import Diagnostician
from core.inference.overlay import OPACITY, overlay_picture
from core.messages.catalogue import DEFAULT_LANGUAGE
from core.messages.errors import FilmError, FilmMissing
from core.metrics.classification import sigmoid


@dataclass(frozen=True, slots=True)
class Prediction:
    """One line of the answer; what is said of the film is None on an error.

    ``label`` is the class at the operating point; ``verdict`` may be ``REVIEW`` as well.
    """

    file: str
    model: str
    verdict: str | None
    label: str | None
    probability: float | None
    threshold: float | None
    warnings: list[str]
    error: str | None


@dataclass(frozen=True, slots=True)
class _Source:
    """A file to read, and where below ``--cam`` its heatmap goes."""

    path: Path
    place: Path


def sources(paths: list[Path]) -> Iterator[_Source]:
    """The files that the given paths name: folders recursively, in order, hidden files left out.

    Links that lead to no file are named too, so that they are seen not to be read.
    """
    for path in paths:
        if path.is_dir():
            lost = [each for each in path.rglob("*") if each.is_symlink() and not each.is_file()]
            for file in sorted((*list_films(path), *lost)):
                yield _Source(file, file.relative_to(path))
        else:
            yield _Source(path, Path(path.name))


def predict(
    diagnostician: Diagnostician, found: Iterator[_Source], cam_folder: Path | None = None
) -> Iterator[Prediction]:
    """Predict files, a batch at a time; a file that cannot be read is a prediction with an error.

    Args:
        diagnostician: The model.
        found: The files.
        cam_folder: Where heatmaps go, if anywhere.
    """
    for batch in in_batches(found):
        tensors: list[Tensor] = []
        answers: list[tuple[Notice, ...] | FilmError] = []
        for source in batch:
            try:
                film = admit(read_film_file(source.path))
            except FilmError as error:
                answers.append(error)
                continue
            except OSError:
                answers.append(FilmMissing(file=source.path))
                continue
            tensors.append(squash(film.pixels))
            answers.append(film.notices)
            if cam_folder:
                _write_cam(diagnostician, film, cam_folder / source.place)
        logits = iter(diagnostician.logits(tensors).tolist())
        for source, answer in zip(batch, answers, strict=True):
            logit = None if isinstance(answer, FilmError) else next(logits)
            yield _prediction(diagnostician, source.path, answer, logit)


def _prediction(
    diagnostician: Diagnostician,
    path: Path,
    answer: tuple[Notice, ...] | FilmError,
    logit: float | None,
) -> Prediction:
    """What is said of a file: its notices and logit, or why it cannot be read."""
    card = diagnostician.card
    if isinstance(answer, FilmError) or logit is None:
        return Prediction(str(path), card.name, None, None, None, None, [], str(answer))
    probability = float(sigmoid(logit))
    return Prediction(
        file=str(path),
        model=card.name,
        verdict=verdict_of(probability, card),
        label=label_at(probability, card.threshold),
        probability=probability,
        threshold=card.threshold,
        warnings=[notice.message(DEFAULT_LANGUAGE) for notice in answer],
        error=None,
    )


def _write_cam(diagnostician: Diagnostician, film: Film, place: Path) -> None:
    """Write a film's overlay as PNG; a name already taken gets a number."""
    heatmap = diagnostician.diagnose(film).heatmap
    target = place.with_name(f"{place.name}.cam.png")
    number = 2
    while target.exists():
        target = place.with_name(f"{place.name}.{number}.cam.png")
        number += 1
    target.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(overlay_picture(film.pixels, heatmap, OPACITY)).save(target)
