"""Diagnose films from the command line: ``python -m core predict --help``."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from io import TextIOWrapper
from pathlib import Path

import pandas as pd

from core.cli.options import add_folders
from core.inference.file_predictions import Prediction, predict, sources
from core.inference.model import Diagnostician
from core.inference.population import population_in_use
from core.messages.errors import SiteMismatch, TableCutShort, UnknownModel, WeightsError
from core.messages.plain import csv_bytes, plain, why
from core.models.site import SiteProfile, load_profile, profile_in_use
from core.models.weights import DEFAULT_MODEL
from core.reporting.exports import More, ObjectsFolder

_COLUMNS = [name for name in Prediction.__slots__ if name != "dicom"]


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core predict",
        description="Diagnose chest films. Research and demonstration only, not a medical device.",
        epilog="Exit status: 0 when every file was read, 1 when some were not, or an output "
        "is not whole, 2 for wrong usage.",
    )
    options.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="file or folder")
    options.add_argument("--model", default=DEFAULT_MODEL, help="default: %(default)s")
    add_folders(options, "weights")
    options.add_argument("--json", action="store_true", help="one JSON object a line")
    options.add_argument("--cam", type=Path, metavar="DIR", help="write heatmaps, as PNG")
    options.add_argument(
        "--lungs", type=Path, metavar="DIR", help="write masks of the lungs, as PNG: 255 is lung"
    )
    options.add_argument("--csv", type=Path, metavar="FILE", help="write a table")
    options.add_argument(
        "--dicom",
        type=Path,
        metavar="DIR",
        help="write a Structured Report and a Secondary Capture of each film; those of a DICOM "
        "film belong to its patient and study",
    )
    options.add_argument(
        "--gsps",
        action="store_true",
        help="with --dicom: of a DICOM film in grey also a presentation state, which draws heat "
        "and lungs over it",
    )
    options.add_argument(
        "--pdf", action="store_true", help="with --dicom: also the report as Encapsulated PDF"
    )
    options.add_argument(
        "--site", type=Path, metavar="FILE", help="a site's profile; default: READING_ROOM_SITE's"
    )
    return options


def _line(prediction: Prediction) -> str:
    """A prediction as a line that a person reads."""
    file = plain(prediction.file)
    error = f"error: {plain(prediction.error)}" if prediction.error else ""
    if prediction.verdict is None:
        return f"{file}: {error}"
    notes = "".join(f"\n    note: {warning}" for warning in prediction.warnings)
    return f"{file}: {prediction.verdict} ({prediction.probability:.3f}){notes}" + (
        f"\n    {error}" if error else ""
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status."""
    options = parser().parse_args(arguments)
    if options.dicom is None and (options.gsps or options.pdf):
        parser().error("--gsps and --pdf need --dicom")
    _make_room([options.cam, options.lungs, options.dicom], options.csv)
    _print_any_name()
    try:
        site = _site(options.site, options.model)
        diagnostician = Diagnostician.load(options.model, options.weights, site)
        population_in_use()
    except WeightsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, UnknownModel) else 1
    predictions: list[Prediction] = []
    try:
        for prediction in _predictions(diagnostician, options):
            predictions.append(prediction)
            as_json = plain(json.dumps(_row(prediction, options), ensure_ascii=False))
            print(as_json if options.json else _line(prediction), flush=True)
    finally:  # what was read is kept, whatever ended it
        is_whole = options.csv is None or _write_csv(options.csv, predictions)
    return int(not is_whole or any(prediction.error for prediction in predictions))


def _predictions(diagnostician: Diagnostician, options: argparse.Namespace) -> Iterator[Prediction]:
    """Predict all files, and write what is asked for of each."""
    more = More(state=options.gsps, pdf=options.pdf)
    write = ObjectsFolder(options.dicom, diagnostician.card, more).write if options.dicom else None
    found = sources(options.paths)
    return predict(diagnostician, found, options.cam, options.lungs, write)


def _row(prediction: Prediction, options: argparse.Namespace) -> dict[str, object]:
    """A prediction as it is told as JSON; ``dicom`` only where it was asked for."""
    row = asdict(prediction)
    return row if options.dicom else {key: row[key] for key in row if key != "dicom"}


def _site(file: Path | None, model: str) -> SiteProfile | None:
    """The profile to read with; one that is named on the command line has to be for the model."""
    if file is None:
        return profile_in_use()
    site = load_profile(file)
    if site.model != model:
        raise SiteMismatch(site=site.site, model=site.model, version=site.version)
    return site


def _make_room(folders: list[Path | None], csv_file: Path | None) -> None:
    """Make the folders of the output; one that cannot be made is wrong usage."""
    try:
        for folder in filter(None, folders):
            folder.mkdir(parents=True, exist_ok=True)
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


def _write_csv(file: Path, predictions: list[Prediction]) -> bool:
    """Write predictions as a table, the warnings in one cell.

    Returns:
        Whether it is whole; else what is missing is told, and no row is left in part.
    """
    rows = [
        {
            key: plain(cell) if isinstance(cell, str) else cell
            for key, cell in (asdict(each) | {"warnings": " ".join(each.warnings)}).items()
        }
        for each in predictions
    ]
    try:
        file.write_bytes(csv_bytes(pd.DataFrame(rows, columns=_COLUMNS)))
    except OSError as error:
        written = _whole_rows(file)
        told = {"file": file, "reason": why(error), "written": written, "rows": len(rows)}
        print(f"error: {TableCutShort(**told)}", file=sys.stderr)
        return False
    return True


def _whole_rows(file: Path) -> int:
    """Cut a table behind its last whole row, and count those below the heading."""
    with suppress(OSError):
        if file.is_file():
            data = file.read_bytes()
            os.truncate(file, data.rfind(b"\n") + 1)
            return max(0, data.count(b"\n") - 1)
    return 0
