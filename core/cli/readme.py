"""Keep the generated parts of READMEs and docs equal to the results."""

import argparse
import sys
from pathlib import Path

from core.cli.help_page import help_page
from core.reporting.documents.files import DOCUMENTS, ROOT, renewed

HELP_PAGE = ROOT / "docs" / "command_line.md"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core readme",
        description="Write the tables of the READMEs and of docs/ from the results, and "
        "docs/command_line.md from the commands.",
    )
    options.add_argument(
        "--check", action="store_true", help="write nothing; say which files are out of date"
    )
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where ``--check`` finds old parts."""
    options = parser().parse_args(arguments)
    made = {document.file: renewed(document) for document in DOCUMENTS}
    made[HELP_PAGE] = help_page()
    old = [file for file, words in made.items() if not _holds(file, words)]
    if options.check:
        if old:
            names = ", ".join(file.name for file in old)
            print(f"run python -m core readme: {names}", file=sys.stderr)
        return bool(old)
    for file in old:
        file.write_text(made[file], encoding="utf-8")
    return 0


def _holds(file: Path, words: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8") == words
