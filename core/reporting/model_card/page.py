"""MODEL_CARD.md, a page for readers, and docs/reporting.md, the two checklists.

The words are the templates beside this module; what is measured is filled in here.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.reporting.markdown import NOT_MEASURED, figure, table
from core.reporting.model_card.checklist import checklist_table, read_checklist
from core.reporting.model_card.words import Facts, metric_name, values_of

RESULT_FIGURES = ("accuracy", "sensitivity", "specificity", "ppv", "npv", "auroc")


def page(facts: Facts) -> str:
    """The card of the default model, one page.

    Args:
        facts: As ``core.reporting.model_card.facts.gather`` gives them.
    """
    models: Sequence[Facts] = facts["models"]
    return _filled(
        "card.md.jinja",
        facts,
        what=models[0]["title"] if models else None,
        figures=_figures(models[0]) if models else NOT_MEASURED,
    )


def reporting_page(facts: Facts) -> str:
    """CLAIM 2024 and STARD-AI, item by item.

    Args:
        facts: As ``core.reporting.model_card.facts.gather`` gives them.
    """
    values = values_of(facts)
    lists = {name: checklist_table(read_checklist(name, values)) for name in ("claim", "stard")}
    return _filled("reporting.md.jinja", facts, counts=_counts(facts["data"]), **lists)


def _filled(template: str, facts: Facts, **words: Any) -> str:
    """A template of this folder, filled in; a name that is not there is an error."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown, of our own words and figures
    )
    return environment.get_template(template).render(values=values_of(facts), **words)


def _figures(model: Facts) -> str:
    """A row a set that the model was measured on."""
    heads = ["Films", *(_head(metric) for metric in RESULT_FIGURES)]
    rows = [
        [
            f"{name}: {summary['n']} of {summary['patients']} patients",
            *(figure(summary[metric]) for metric in RESULT_FIGURES),
        ]
        for name, summary in model["evaluations"].items()
    ]
    return table(heads, rows) if rows else NOT_MEASURED


def _counts(data: Facts | None) -> str:
    if data is None:
        return NOT_MEASURED
    heads = ["Official split", "Class", "Films", "Patients", "Bacterial", "Viral"]
    return table(heads, [[str(cell) for cell in row.values()] for row in data["counts"]])


def _head(metric: str) -> str:
    name = metric_name(metric)
    return name[0].upper() + name[1:]
