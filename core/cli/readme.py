"""Keep the READMEs' tables equal to the results: ``python -m core readme --help``."""

import argparse
import sys

from core.reporting.readme import READMES, with_table


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core readme", description="Make the READMEs' tables anew from the results."
    )
    options.add_argument(
        "--check", action="store_true", help="write nothing; say whether they are old"
    )
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where ``--check`` finds old tables."""
    options = parser().parse_args(arguments)
    old = []
    for language, file in READMES.items():
        readme = file.read_text(encoding="utf-8")
        renewed = with_table(readme, language)
        if renewed != readme:
            old.append(file.name)
            if not options.check:
                file.write_text(renewed, encoding="utf-8")
    if old and options.check:
        print(f"run python -m core readme: {', '.join(old)}", file=sys.stderr)
        return 1
    return 0
