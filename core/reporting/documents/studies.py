"""The studies: a finding and a table for each."""

import pandas as pd

from core.messages.catalogue import text
from core.metrics.over_seeds import Estimate
from core.reporting.captions.originals import answer, original_words
from core.reporting.captions.study import (
    finding,
    frames_finding,
    gap_finding,
    looked_at,
    note,
    open_question,
    orders,
    progress,
    reversal,
    unconverged,
)
from core.reporting.captions.study_names import (
    figure_name,
    row_title,
    study_name,
    study_question,
)
from core.reporting.markdown import NOTHING, table
from core.results.study_table import read_study_table
from core.training.experiments.studies import ALL_STUDIES
from core.training.experiments.study import Study
from core.training.experiments.summary import GAPS, compare, current_studies, earlier_studies


def studies_text(language: str) -> str:
    """What each study found by validation loss, and a table of its variants; or that none ran."""
    runs = read_study_table()
    parts, earlier = [], earlier_studies(runs)
    for study in current_studies(runs).values():
        rows = runs[runs["study"] == study.name]
        if rows["variant"].nunique() < 2 or study.name in earlier:
            continue
        compared, on_test = (compare(study, runs, loss) for loss in ("val_loss", "test_loss"))
        by_gap, by_test_gap = (compare(study, runs, gap) for gap in GAPS)
        original = answer(study, runs, language)
        said = (
            original_words(study, original, language) if original else None,
            ended(progress(study, runs, language)),
            ended(unconverged(study, runs, language)),
            looked_at(study, runs, language),
            reversal(study, compared, on_test, "test_loss", language)
            or orders(compared, on_test, language),
            frames_finding(study, runs, language),
            gap_finding(study, by_gap, by_test_gap, language),
        )
        found = finding(study, compared, "val_loss", language)
        parts += [
            f"### {study_name(study.name, language)}",
            f"{study_question(study.name, language)} {note(study, language)}".strip(),
            " ".join(filter(None, (f"**{found}**", *said))),
        ]
        parts.append(variants_table(study, runs, language))
    if earlier:
        parts.append(f"### {text(language, 'study.earlier')}")
        parts.append("\n".join(earlier_line(ALL_STUDIES[name], runs, language) for name in earlier))
    return "\n\n".join(parts) or text(language, "readme.studies_none")


def earlier_line(study: Study, runs: pd.DataFrame, language: str) -> str:
    """An item of a Markdown list: a study that concludes nothing, and why."""
    return f"- {study_name(study.name, language)}: {open_question(study, runs, language)}"


def ended(words: str | None) -> str | None:
    """Words as a sentence; None where there are none."""
    return words and f"{words}."


def variants_table(study: Study, runs: pd.DataFrame, language: str) -> str:
    """A Markdown table of a study's variants, the lowest validation loss first."""
    figures = ("val_loss", "val_auroc", "test_loss", "test_auroc")
    by_figure = {
        figure: {each.variant.name: each for each in compare(study, runs, figure)}
        for figure in figures
    }
    rows = [
        [row_title(study, each, language)]
        + [figure_cell(each.difference)]
        + [figure_cell(by_figure[figure][name].estimate) for figure in figures]
        for name, each in by_figure["val_loss"].items()
    ]
    heads = [figure_name(figure, language) for figure in figures]
    first = [text(language, f"study.column.{name}") for name in ("variant", "difference")]
    return table([*first, *heads], rows)


def figure_cell(estimate: Estimate | None) -> str:
    """A mean over seeds with its interval; a dash where nothing was measured."""
    if estimate is None:
        return NOTHING
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.4f}"
    return f"{estimate.value:.4f} ({estimate.low:.4f} - {estimate.high:.4f})"
