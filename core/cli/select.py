"""Choose among candidates and record the choice: ``python -m core select --help``."""

import argparse
import sys

from core.cli.options import add_folders
from core.data.conditions import PLAIN
from core.evaluation.selection import record
from core.messages.errors import ReadingRoomError
from core.results.model_records import Candidate, write_choice


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core select",
        description="Choose among candidates by their worst stress condition on held-out training "
        "patients, and write results/selection/NAME.json. Commit the record before the test look: "
        "the command evaluate requires it.",
    )
    options.add_argument("name", help="what is chosen, such as recipe or ensemble")
    options.add_argument("--why", required=True, help="the question that the record answers")
    options.add_argument(
        "candidates", nargs="+", metavar="RUN[+RUN...]", help="a run, or runs whose logits average"
    )
    add_folders(options, "results")
    return options


def _line(candidate: Candidate) -> str:
    return (
        f"{'+'.join(candidate.runs)}: worst AUROC {candidate.worst_auroc:.4f} "
        f"({candidate.worst_condition}), plain {candidate.auroc[PLAIN]:.4f}, "
        f"log loss {candidate.plain_log_loss:.4f}"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where nothing could be chosen."""
    options = parser().parse_args(arguments)
    candidates = [runs.split("+") for runs in options.candidates]
    try:
        choice = record(candidates, options.why, options.results)
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    write_choice(options.name, choice, options.results)
    for candidate in choice.candidates:
        print(_line(candidate))
    print(f"Chosen: {'+'.join(choice.chosen)}")
    return 0
