"""Write the model card and the checklists, or see whether they are out of date."""

import argparse
import sys
from pathlib import Path

from core.cli.options import add_folders
from core.messages.errors import ReadingRoomError
from core.reporting.model_card.files import ROOT, made


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core card",
        description="Write MODEL_CARD.md, docs/reporting.md and weights/card/model_card.json from "
        "the results and the weights that ship.",
    )
    options.add_argument(
        "--check", action="store_true", help="write nothing; say which files are out of date"
    )
    add_folders(options, "results", "weights")
    options.add_argument(
        "--page", type=Path, default=ROOT / "MODEL_CARD.md", help="default: %(default)s"
    )
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where the card is old or not made."""
    options = parser().parse_args(arguments)
    try:
        files = made(options.results, options.weights, options.page)
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    old = [file for file, words in files.items() if not _holds(file, words)]
    if options.check:
        if old:
            names = ", ".join(file.name for file in old)
            print(f"run python -m core card: {names}", file=sys.stderr)
        return bool(old)
    for file in old:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(files[file], encoding="utf-8")
        print(file)
    return 0


def _holds(file: Path, words: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8") == words
