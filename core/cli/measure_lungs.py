"""Measure the lungs segmenter: ``python -m core measure-lungs --help`` writes results/lungs."""

import argparse
import sys
from pathlib import Path

from core.cli.options import add_folders
from core.data.folder import required
from core.evaluation.lungs import measure_lungs
from core.messages.errors import ReadingRoomError
from core.models.lungs_card import LUNGS_FOLDER
from core.results.lungs import read_lungs


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core measure-lungs",
        description="Measure the shipped lungs segmenter against human outlines, by split and "
        "class, and write results/lungs. A folder lungs beside the data folder has the outlines.",
    )
    add_folders(options, "data", "results")
    options.add_argument(
        "--weights", type=Path, default=LUNGS_FOLDER, help="where the segmenter ships"
    )
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where something is not there."""
    options = parser().parse_args(arguments)
    try:
        folder = measure_lungs(required(options.data), options.results, options.weights)
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    measured = read_lungs(options.results)
    for each in measured.figures if measured else ():
        print(
            f"{each.split:12}{each.label:12}n {each.n:5}  mean {each.mean:.4f}  "
            f"median {each.median:.4f}  least {each.least:.4f}  under 0.8: {each.poor}"
        )
    print(folder)
    return 0
