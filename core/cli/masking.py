"""Does the heatmap show what the verdict rests on? ``python -m core masking --help``."""

import argparse
import sys

from core.cli.options import add_folders
from core.data.folder import required
from core.evaluation.masking import measure
from core.inference.explanation_methods import METHODS
from core.inference.model import Diagnostician
from core.messages.errors import ReadingRoomError
from core.models.weights import DEFAULT_MODEL

QUICK = tuple(method.name for method in METHODS.values() if not method.masked_passes)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core masking",
        description="Measure on held-out true positives how often covering the hottest fifth of "
        "the heatmap lowers the logit more than covering random fifths, and write "
        "results/masking/MODEL.json.",
    )
    options.add_argument("--model", default=DEFAULT_MODEL, help="default: %(default)s")
    options.add_argument(
        "--methods",
        nargs="+",
        default=QUICK,
        choices=tuple(METHODS),
        metavar="METHOD",
        help=f"some of {', '.join(METHODS)}; earlier figures of other methods are kept. All but "
        "the default need the model's scales (command scales). Default: the quick ones",
    )
    add_folders(options, "data", "results", "weights")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where nothing could be measured."""
    options = parser().parse_args(arguments)
    try:
        model = Diagnostician.load(options.model, options.weights)
        measured = measure(model, options.methods, required(options.data), options.results)
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(
        f"{model.card.name}: of {measured.films} true positives, covering the hottest fifth "
        "lowers the logit more than random fifths in"
    )
    for name, share in measured.lowered.items():
        print(f"{share:8.1%}  {METHODS[name].title}")
    return 0
