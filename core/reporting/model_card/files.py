"""The files of the model card, with their content."""

import json
from pathlib import Path

from core.reporting.model_card.facts import gather
from core.reporting.model_card.page import page, reporting_page

ROOT = Path(__file__).resolve().parents[3]
FACTS_NAME = "card/model_card.json"
REPORTING_NAME = "docs/reporting.md"


def made(results: Path, weights: Path, card: Path) -> dict[Path, str]:
    """The files of the model card, and what is to stand in them.

    Args:
        results: Folder of results.
        weights: Folder that models ship in.
        card: Where the page goes; the checklists go to ``REPORTING_NAME`` beside it.

    Raises:
        WeightsDamaged: A model's own card is not what ``python -m core publish`` writes.
    """
    facts = gather(results, weights)
    data = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
    return {
        card: page(facts),
        weights / FACTS_NAME: data,
        card.parent / REPORTING_NAME: reporting_page(facts),
    }
