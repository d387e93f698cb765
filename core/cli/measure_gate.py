"""Measure the input gate: ``python -m core measure-gate --help`` writes results/gate.json."""

import argparse
import sys
from pathlib import Path

from core.cli.options import add_folders
from core.data.folder import required
from core.evaluation.gate import measure
from core.inference.gate import Gate
from core.messages.errors import ReadingRoomError
from core.models.gate_card import GATE_FOLDER
from core.results.folder import write_json


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core measure-gate",
        description="Measure the shipped input gate on held-out training films and on pictures "
        "that are no films, and write gate.json into the folder of results.",
    )
    options.add_argument("non_films", type=Path, help="folder of non-films: KIND/SOURCE/files")
    add_folders(options, "data", "results")
    options.add_argument("--weights", type=Path, default=GATE_FOLDER, help="where the gate ships")
    options.add_argument(
        "--elsewhere",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="films from elsewhere, for measuring only",
    )
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where something is not there."""
    options = parser().parse_args(arguments)
    try:
        gate = Gate.load(options.weights)
        found = measure(gate, required(options.data), options.non_films, options.elsewhere)
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    write_json(options.results / "gate.json", found)
    print(options.results / "gate.json")
    return 0
