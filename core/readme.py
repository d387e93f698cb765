"""Keep the READMEs' tables equal to the results: ``python -m core.readme [--check]``."""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from core.i18n import text
from core.markdown import figure, table
from core.published import field_table, own_models
from core.results import read_evaluations

ROOT = Path(__file__).resolve().parents[1]
READMES = {"en": ROOT / "README.md", "ko": ROOT / "README.ko.md"}
COLUMNS = ("accuracy", "sensitivity", "specificity", "auroc", "ece")


def results_table(language: str) -> str:
    """A Markdown table of every evaluation of every shipped model, or a line that there is none."""
    rows = [
        [*_named(summary, language), *(figure(summary[name]) for name in COLUMNS)]
        for summary in _summaries()
    ]
    if not rows:
        return text(language, "readme.none")
    return table([text(language, f"readme.{name}") for name in ("model", "films", *COLUMNS)], rows)


def review_table(language: str) -> str:
    """A Markdown table of what each model sends to review, or a line that it was not measured."""
    rows = [
        [
            *_named(summary, language),
            f"{summary['review']['share']:.3f}",
            figure((summary["review"]["rest"] or {}).get("accuracy")),
            figure(summary["accuracy"]),
        ]
        for summary in _summaries()
        if "review" in summary
    ]
    if not rows:
        return text(language, "readme.review.none")
    heads = [text(language, f"readme.{name}") for name in ("model", "films")]
    heads += [text(language, f"readme.review.{name}") for name in ("share", "rest", "all")]
    return table(heads, rows)


BLOCKS: dict[str, Callable[[str], str]] = {
    "results": results_table,
    "review": review_table,
    "field": field_table,
}
"""What is generated: ``<!-- NAME: begin -->``, a table, ``<!-- NAME: end -->``."""


def _summaries() -> Iterator[Mapping[str, Any]]:
    for model in own_models():
        for evaluation in read_evaluations(model).values():
            yield evaluation.summary


def _named(summary: Mapping[str, Any], language: str) -> tuple[str, str]:
    """The cells that say which model, and which films."""
    films = text(
        language,
        "readme.set",
        name=summary["dataset"],
        n=summary["n"],
        patients=summary["patients"],
    )
    return f"{summary['model']} {summary['version']}", films


def with_table(readme: str, language: str) -> str:
    """A README's text with every table between its two marks made anew.

    Raises:
        ValueError: A mark is missing, or there twice.
    """
    for name, made in BLOCKS.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, rest = readme.split(begin)
        _, after = rest.split(end)
        readme = f"{before}{begin}\n{made(language)}\n{end}{after}"
    return readme


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
