"""Keep the READMEs' table of results equal to the results: ``python -m core.readme [--check]``."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.i18n import text
from core.models import shipped_models
from core.results import read_evaluations

ROOT = Path(__file__).resolve().parents[1]
READMES = {"en": ROOT / "README.md", "ko": ROOT / "README.ko.md"}
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
COLUMNS = ("accuracy", "sensitivity", "specificity", "auroc", "ece")


def results_table(language: str) -> str:
    """A Markdown table of every evaluation of every shipped model, or a line that there is none."""
    rows = [
        _row(evaluation.summary, language)
        for model in shipped_models()
        for evaluation in read_evaluations(model).values()
    ]
    if not rows:
        return text(language, "readme.none")
    heads = [text(language, f"readme.{name}") for name in ("model", "films", *COLUMNS)]
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _row(summary: Mapping[str, Any], language: str) -> list[str]:
    films = text(
        language,
        "readme.set",
        name=summary["dataset"],
        n=summary["n"],
        patients=summary["patients"],
    )
    figures = [
        "{value:.3f} ({low:.3f} - {high:.3f})".format(**summary[name])
        if summary[name]["value"] is not None
        else "-"
        for name in COLUMNS
    ]
    return [f"{summary['model']} {summary['version']}", films, *figures]


def with_table(readme: str, language: str) -> str:
    """A README's text with the table between its two marks made anew.

    Raises:
        ValueError: A mark is missing.
    """
    before, rest = readme.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{results_table(language)}\n{END}{after}"


def main(arguments: list[str]) -> int:
    """Write the tables, or with ``--check`` say which are old. Returns the exit status."""
    old = []
    for language, file in READMES.items():
        readme = file.read_text(encoding="utf-8")
        renewed = with_table(readme, language)
        if renewed != readme:
            old.append(file.name)
            if "--check" not in arguments:
                file.write_text(renewed, encoding="utf-8")
    if old and "--check" in arguments:
        print(f"run python -m core.readme: {', '.join(old)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
