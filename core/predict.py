"""Diagnose films from the command line: ``python -m core.predict --help``."""

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import TextIOWrapper
from pathlib import Path

from PIL import Image
from torch import Tensor

from core.data.folder import list_films
from core.errors import FilmError, FilmMissing, UnknownModel, WeightsError
from core.film import Film, Notice, read_film_file
from core.gate import admit, gate_in_use
from core.i18n import DEFAULT_LANGUAGE
from core.inference import Diagnostician, in_batches, label_at, verdict_of
from core.metrics import sigmoid
from core.models.weights import DEFAULT_MODEL
from core.options import add_folders
from core.overlay import OPACITY, overlay_picture
from core.preprocess import squash
from core.worklist import harmless


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


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core.predict",
        description="Diagnose chest films. Research and demonstration only, not a medical device.",
        epilog="Exit status: 0 when every file was read, 1 when some were not, 2 for wrong usage.",
    )
    options.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="file or folder")
    options.add_argument("--model", default=DEFAULT_MODEL, help="default: %(default)s")
    add_folders(options, "weights")
    options.add_argument("--json", action="store_true", help="one JSON object a line")
    options.add_argument("--cam", type=Path, metavar="DIR", help="write heatmaps, as PNG")
    options.add_argument("--csv", type=Path, metavar="FILE", help="write a table")
    return options


def sources(paths: list[Path]) -> Iterator[_Source]:
    """The files that the given paths name: folders recursively, in order, hidden files left out."""
    for path in paths:
        if path.is_dir():
            for file in list_films(path):
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


def _line(prediction: Prediction) -> str:
    """A prediction as a line that a person reads."""
    if prediction.error:
        return f"{prediction.file}: error: {prediction.error}"
    notes = "".join(f"\n    note: {warning}" for warning in prediction.warnings)
    return f"{prediction.file}: {prediction.verdict} ({prediction.probability:.3f}){notes}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status."""
    options = parser().parse_args(arguments)
    _make_room(options.cam, options.csv)
    _print_any_name()
    try:
        diagnostician = Diagnostician.load(options.model, options.weights)
        gate_in_use()
    except WeightsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, UnknownModel) else 1
    predictions: list[Prediction] = []
    for prediction in predict(diagnostician, sources(options.paths), options.cam):
        predictions.append(prediction)
        row = asdict(prediction)
        print(
            json.dumps(row, ensure_ascii=False) if options.json else _line(prediction), flush=True
        )
    if options.csv:
        _write_csv(options.csv, predictions)
    return int(any(prediction.error for prediction in predictions))


def _make_room(cam_folder: Path | None, csv_file: Path | None) -> None:
    """Make the folders of the output; one that cannot be made is wrong usage."""
    try:
        if cam_folder:
            cam_folder.mkdir(parents=True, exist_ok=True)
        if csv_file:
            csv_file.parent.mkdir(parents=True, exist_ok=True)
            csv_file.open("a").close()
    except OSError as error:
        parser().error(f"cannot write there: {error}")


def _print_any_name() -> None:
    """Print names that the output's encoding lacks with escapes, which are JSON's own as well."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _write_csv(file: Path, predictions: list[Prediction]) -> None:
    """Write predictions as a table, the warnings in one cell, and no cell a formula."""
    with file.open("w", encoding="utf-8", errors="backslashreplace", newline="") as handle:
        table = csv.DictWriter(handle, list(Prediction.__dataclass_fields__))
        table.writeheader()
        for prediction in predictions:
            row = {**asdict(prediction), "warnings": " ".join(prediction.warnings)}
            texts = {key: harmless(cell) for key, cell in row.items() if isinstance(cell, str)}
            table.writerow(row | texts)


if __name__ == "__main__":
    sys.exit(main())
