"""What is full heat? ``python -m core scales --help``."""

import argparse
import sys

from core.cli.options import add_folders
from core.data.folder import required
from core.evaluation.heatmap_scales import Measurement
from core.messages.errors import ReadingRoomError
from core.models import shipped_models

FILMS = 300
COSTLY_FILMS = 20


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core scales",
        description="Measure on films held out of training the value of full heat for each method "
        "of explanation but Grad-CAM, and write results/scales/MODEL.json.",
    )
    options.add_argument("models", nargs="*", metavar="MODEL", help="default: all that ship")
    options.add_argument("--films", type=int, default=FILMS, help="default: %(default)s")
    options.add_argument(
        "--costly-films",
        type=int,
        default=COSTLY_FILMS,
        help="for methods with many masked passes; default: %(default)s",
    )
    add_folders(options, "data", "results", "weights")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where a model cannot be measured."""
    options = parser().parse_args(arguments)
    try:
        measurement = Measurement(
            required(options.data),
            options.results,
            options.weights,
            options.films,
            options.costly_films,
        )
        for name in options.models or shipped_models(options.weights):
            print(measurement.measure(name), flush=True)
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
