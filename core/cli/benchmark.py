"""How fast a film is read on this machine: ``python -m core benchmark --help``."""

import argparse
import sys

from core.cli.options import add_folders
from core.evaluation.benchmark import measure
from core.messages.errors import WeightsError
from core.reporting.documents.performance import performance_text

_ROUNDS, _THREADS = 25, 2


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core benchmark",
        description="Measure how long a film takes from its bytes to the verdict and to the "
        "overlay, for every shipped model and in turn with the usual way to write it; the time "
        "to the first verdict; and memory. Keep the machine otherwise idle.",
    )
    add_folders(options, "results", "weights")
    options.add_argument(
        "--rounds", type=int, default=_ROUNDS, help="films each way reads (default: %(default)s)"
    )
    options.add_argument(
        "--threads", type=int, default=_THREADS, help="threads of torch (default: %(default)s)"
    )
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status."""
    options = parser().parse_args(arguments)
    try:
        measure(options.rounds, options.threads, options.results, options.weights)
    except WeightsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(performance_text("en", options.results))
    return 0
