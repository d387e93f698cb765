"""Which generated part stands in which document.

A part stands between two marks: ``<!-- NAME: begin -->``, the part, ``<!-- NAME: end -->``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.messages.catalogue import DEFAULT_LANGUAGE
from core.models.weights import WEIGHTS_FOLDER
from core.reporting.documents import models
from core.reporting.documents.performance import load_text, performance_text
from core.reporting.documents.published import field_table
from core.reporting.documents.results import default_table, results_table, review_table
from core.reporting.documents.studies import studies_text
from core.reporting.documents.synthetic import synthetic_text
from core.reporting.documents.unseen import unseen_series
from core.reporting.model_card.facts import gather
from core.results.folder import results_folder

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Document:
    """A Markdown file with generated parts.

    Args:
        file: Where it is.
        parts: Names of the generated parts in it, of ``PARTS``.
        language: One of ``core.messages.catalogue.LANGUAGES``.
    """

    file: Path
    parts: tuple[str, ...]
    language: str = DEFAULT_LANGUAGE


@cache
def _facts(results: Path) -> dict[str, Any]:
    return gather(results, WEIGHTS_FOLDER)


def _of_facts(made: Callable[[dict[str, Any]], str]) -> Callable[[str], str]:
    """A part that is made from the model card's facts, in English alone."""
    return lambda _: made(_facts(results_folder()))


PARTS: dict[str, Callable[[str], str]] = {
    "default": default_table,
    "results": results_table,
    "review": review_table,
    "field": field_table,
    "studies": studies_text,
    "synthetic": synthetic_text,
    "performance": performance_text,
    "load": load_text,
    "models": _of_facts(models.models_table),
    "subgroups": _of_facts(models.subgroups),
    "seeds": _of_facts(models.seeds),
    "heatmaps": _of_facts(models.heatmaps),
    "gate": _of_facts(models.gate),
    "lungs": _of_facts(models.lungs),
    "records": _of_facts(models.records_table),
    "runs": _of_facts(models.runs_table),
    "commands": _of_facts(models.training_commands),
    "unseen": unseen_series,
}
DOCUMENTS = (
    Document(ROOT / "README.md", ("default",)),
    Document(ROOT / "README.ko.md", ("default",), "ko"),
    Document(
        ROOT / "docs" / "results.md",
        ("results", "review", "subgroups", "seeds", "heatmaps", "gate", "lungs", "field"),
    ),
    Document(ROOT / "docs" / "studies.md", ("studies",)),
    Document(ROOT / "docs" / "performance.md", ("performance", "load")),
    Document(ROOT / "docs" / "synthetic_films.md", ("synthetic",)),
    Document(
        ROOT / "docs" / "model_selection.md", ("models", "unseen", "records", "runs", "commands")
    ),
)


def renewed(document: Document) -> str:
    """A document's text with every generated part made anew.

    Raises:
        ValueError: A mark is missing, or there twice.
    """
    words = document.file.read_text(encoding="utf-8")
    for name in document.parts:
        words = with_part(words, name, PARTS[name](document.language))
    return words


def with_part(words: str, name: str, part: str) -> str:
    """A text with a part put between its marks.

    Raises:
        ValueError: A mark is missing, or there twice.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, rest = words.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{part}\n{end}{after}"
