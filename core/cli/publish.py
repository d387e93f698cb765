"""Ship what was chosen: ``python -m core publish --help``."""

import argparse
import sys

from core.cli.options import add_folders
from core.data.folder import required
from core.evaluation.publish import publish
from core.messages.errors import ReadingRoomError


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core publish",
        description="Publish a run's network, or an ensemble of runs: weights in float16 and a "
        "card with temperature, operating point, review band and the scale of the heatmaps. All "
        "are fitted on the runs' validation films, the first three also under every stress "
        "condition.",
    )
    options.add_argument("run", help="the run's name; RUN+RUN for an ensemble of published runs")
    options.add_argument("--name", required=True, help="the model's name")
    options.add_argument("--version", required=True, help="the version of these weights")
    options.add_argument(
        "--with-series",
        nargs="+",
        default=[],
        metavar="RUN[+RUN...]",
        help="runs that were trained without a series of normal films and measured by the command "
        "stress: their readings of it count beside those under stress",
    )
    add_folders(options, "data", "results", "weights")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where nothing can be shipped."""
    options = parser().parse_args(arguments)
    try:
        card = publish(
            options.run.split("+"),
            options.name,
            options.version,
            required(options.data),
            options.results,
            options.weights,
            options.with_series,
        )
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(
        f"{card.name} {card.version}: temperature {card.temperature}, threshold {card.threshold}, "
        f"review from {card.review_low} to {card.review_high}, sha256 {card.sha256}"
    )
    return 0
