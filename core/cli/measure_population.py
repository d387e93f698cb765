"""Measure the population reader: ``python -m core measure-population --help``."""

import argparse
import sys
from pathlib import Path

from core.cli.options import add_folders
from core.data.folder import required
from core.evaluation.population import STRESS_FILMS, measure
from core.inference.population import PopulationReader
from core.messages.errors import ReadingRoomError
from core.models.population_card import POPULATION_FOLDER
from core.results.folder import write_json


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core measure-population",
        description="Measure the shipped population reader on held-out films, under stress, on the "
        "official test films and on adults' films from elsewhere. No label of disease is read. "
        "Writes population/run.json into the folder of results.",
    )
    add_folders(options, "data", "results")
    options.add_argument("--weights", type=Path, default=POPULATION_FOLDER, help="where it ships")
    options.add_argument(
        "--adults",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="adults' films from elsewhere, for measuring alone",
    )
    options.add_argument(
        "--stressed", type=int, default=STRESS_FILMS, help="films a condition, of each population"
    )
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where something is not there."""
    options = parser().parse_args(arguments)
    try:
        reader = PopulationReader.load(options.weights)
        found = measure(reader, required(options.data), options.adults, options.stressed)
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    folder = options.results / "population"
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "run.json", found)
    print(folder / "run.json")
    return 0
