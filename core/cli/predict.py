"""Diagnose films from the command line: ``python -m core predict --help``."""

import argparse
import csv
import json
import sys
from dataclasses import asdict
from io import TextIOWrapper
from pathlib import Path

from core.cli.options import add_folders
from core.inference.file_predictions import Prediction, predict, sources
from core.inference.model import Diagnostician
from core.inference.population import population_in_use
from core.messages.errors import SiteMismatch, UnknownModel, WeightsError
from core.messages.plain import csv_cell, plain
from core.models.site import SiteProfile, load_profile, profile_in_use
from core.models.weights import DEFAULT_MODEL


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core predict",
        description="Diagnose chest films. Research and demonstration only, not a medical device.",
        epilog="Exit status: 0 when every file was read, 1 when some were not, 2 for wrong usage.",
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
        "--site", type=Path, metavar="FILE", help="a site's profile; default: READING_ROOM_SITE's"
    )
    return options


def _line(prediction: Prediction) -> str:
    """A prediction as a line that a person reads."""
    file = plain(prediction.file)
    if prediction.error:
        return f"{file}: error: {plain(prediction.error)}"
    notes = "".join(f"\n    note: {warning}" for warning in prediction.warnings)
    return f"{file}: {prediction.verdict} ({prediction.probability:.3f}){notes}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status."""
    options = parser().parse_args(arguments)
    _make_room([options.cam, options.lungs], options.csv)
    _print_any_name()
    try:
        site = _site(options.site, options.model)
        diagnostician = Diagnostician.load(options.model, options.weights, site)
        population_in_use()
    except WeightsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, UnknownModel) else 1
    predictions: list[Prediction] = []
    found = sources(options.paths)
    for prediction in predict(diagnostician, found, options.cam, options.lungs):
        predictions.append(prediction)
        row = asdict(prediction)
        as_json = plain(json.dumps(row, ensure_ascii=False))
        print(as_json if options.json else _line(prediction), flush=True)
    if options.csv:
        _write_csv(options.csv, predictions)
    return int(any(prediction.error for prediction in predictions))


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


def _write_csv(file: Path, predictions: list[Prediction]) -> None:
    """Write predictions as a table, the warnings in one cell, and no cell a formula."""
    with file.open("w", encoding="utf-8", errors="backslashreplace", newline="") as handle:
        table = csv.DictWriter(handle, list(Prediction.__dataclass_fields__))
        table.writeheader()
        for prediction in predictions:
            row = {**asdict(prediction), "warnings": " ".join(prediction.warnings)}
            texts = {key: plain(cell) for key, cell in row.items() if isinstance(cell, str)}
            table.writerow(row | {key: csv_cell(words) for key, words in texts.items()})
