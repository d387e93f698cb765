"""Measure runs on their held-out films under stress: ``python -m core stress --help``."""

import argparse
import sys

from core.cli.options import add_folders
from core.data.folder import required
from core.evaluation.stress import measure
from core.messages.errors import ReadingRoomError
from core.models.hardware import keep_freed_memory


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core stress",
        description="Measure finished runs on the films held out of their training, plain and "
        "under every stress condition, and write stress.csv into their run folders. A run that was "
        "trained without a series of normal films is read on that series, into out_of_series.csv. "
        "Stressed films and their lungs are kept in results/.stressed for the next run.",
    )
    options.add_argument("runs", nargs="+", metavar="RUN", help="a run's name")
    add_folders(options, "data", "results")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where a run cannot be measured."""
    options = parser().parse_args(arguments)
    try:
        keep_freed_memory()
        for name in options.runs:
            print(measure(name, required(options.data), options.results))
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
