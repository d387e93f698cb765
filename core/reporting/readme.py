"""The tables of the READMEs, made from the results."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from core.messages.catalogue import text
from core.metrics.over_seeds import Estimate
from core.reporting.captions.study import (
    against_baseline,
    answer,
    figure_name,
    finding,
    gap_finding,
    looked_at,
    orders,
    progress,
    row_title,
    unconverged,
)
from core.reporting.markdown import NOTHING, figure, table
from core.reporting.published import field_table, own_models
from core.reporting.synthetic import synthetic_text
from core.results.evaluations import read_evaluations
from core.results.study_table import read_study_table
from core.training.experiments.studies import ALL_STUDIES
from core.training.experiments.study import Study
from core.training.experiments.summary import GAPS, compare

ROOT = Path(__file__).resolve().parents[2]
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


def studies_text(language: str) -> str:
    """What each study found by validation loss, and a table of its variants; or that none ran."""
    runs = read_study_table()
    parts = []
    for study in ALL_STUDIES.values():
        rows = runs[runs["study"] == study.name]
        if rows["variant"].nunique() < 2:
            continue
        compared = compare(study, runs, "val_loss")
        by_gap, by_test_gap = (compare(study, runs, gap) for gap in GAPS)
        said = (
            finding(study, compared, "val_loss", language),
            against_baseline(study, compared, "val_loss", language),
            answer(study, runs, language),
            progress(study, runs, language),
            unconverged(study, runs, language),
            looked_at(study, runs, language),
            orders(compared, compare(study, runs, "test_loss"), language),
            gap_finding(study, by_gap, by_test_gap, language),
        )
        key = study.name.replace("-", "_")
        name, question = (text(language, f"study.{part}.{key}") for part in ("name", "question"))
        parts.append(" ".join(filter(None, (f"**{name}.**", question, *said))))
        parts.append(variants_table(study, runs, language))
    return "\n\n".join(parts) or text(language, "readme.studies_none")


def variants_table(study: Study, runs: pd.DataFrame, language: str) -> str:
    """A Markdown table of a study's variants, the lowest validation loss first."""
    figures = ("val_loss", "val_auroc", "test_loss", "test_auroc")
    by_figure = {
        figure: {each.variant.name: each for each in compare(study, runs, figure)}
        for figure in figures
    }
    rows = [
        [row_title(study, each, language)]
        + [figure_cell(by_figure[figure][name].estimate) for figure in figures]
        for name, each in by_figure["val_loss"].items()
    ]
    heads = [figure_name(figure, language) for figure in figures]
    return table([text(language, "study.column.variant"), *heads], rows)


def figure_cell(estimate: Estimate | None) -> str:
    """A mean over seeds with its interval; a dash where nothing was measured."""
    if estimate is None:
        return NOTHING
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.4f}"
    return f"{estimate.value:.4f} ({estimate.low:.4f} - {estimate.high:.4f})"


BLOCKS: dict[str, Callable[[str], str]] = {
    "results": results_table,
    "review": review_table,
    "field": field_table,
    "studies": studies_text,
    "synthetic": synthetic_text,
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
