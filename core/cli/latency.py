"""What each architecture costs on this CPU: ``python -m core latency --help``."""

import argparse

from core.cli.options import add_folders
from core.evaluation.latency import measure
from core.imaging.preprocess import FILM_SIZE_PX
from core.training.experiments.earlier_studies import SMALL
from core.training.experiments.studies import SIZE_PX


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core latency",
        description="Measure parameters, FLOPs, size of the float16 file, and the time of one film "
        "on one thread of this CPU, for every architecture; keep the machine otherwise idle.",
    )
    add_folders(options, "results")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status, 0."""
    options = parser().parse_args(arguments)
    print(measure(sorted({SMALL["size_px"], SIZE_PX, FILM_SIZE_PX}), options.results))
    return 0
