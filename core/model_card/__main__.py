"""Write the model card, or see whether it is old: ``python -m core.model_card --help``."""

import argparse
import json
import sys
from pathlib import Path

from core.errors import ReadingRoomError
from core.model_card.facts import gather
from core.model_card.page import page
from core.options import add_folders

ROOT = Path(__file__).resolve().parents[2]
FACTS_NAME = "card/model_card.json"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core.model_card",
        description="Make MODEL_CARD.md and weights/card/model_card.json from the results and the "
        "weights that ship.",
    )
    options.add_argument(
        "--check", action="store_true", help="write nothing; say whether they are old"
    )
    add_folders(options, "results", "weights")
    options.add_argument(
        "--page", type=Path, default=ROOT / "MODEL_CARD.md", help="default: %(default)s"
    )
    return options


def made(results: Path, weights: Path, card: Path) -> dict[Path, str]:
    """The files of the model card, and what is to stand in them.

    Args:
        results: Folder of results.
        weights: Folder that models ship in.
        card: Where the page goes.

    Raises:
        WeightsDamaged: A model's own card is not what ``core.publish`` writes.
    """
    facts = gather(results, weights)
    data = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
    return {card: page(facts), weights / FACTS_NAME: data}


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
            print(f"run python -m core.model_card: {names}", file=sys.stderr)
        return bool(old)
    for file in old:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(files[file], encoding="utf-8")
        print(file)
    return 0


def _holds(file: Path, words: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8") == words


if __name__ == "__main__":
    sys.exit(main())
