"""What the films are, counted: ``python -m core describe`` writes it to ``results/data``."""

import argparse
import sys

from core.cli.options import add_folders
from core.data.folder import required
from core.data.summary import summarise
from core.data.training_films import describe_training_films
from core.messages.errors import ReadingRoomError
from core.results.data_summary import write_summary, write_training_films


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core describe",
        description="Count the films of a data folder and write results/data.",
    )
    add_folders(options, "data")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where the folder cannot be used."""
    options = parser().parse_args(arguments)
    try:
        folder = write_summary(summarise(required(options.data)))
        write_training_films(describe_training_films(required(options.data)))
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"The summary is in {folder}")
    return 0
