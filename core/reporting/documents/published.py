"""Published results on the official test films, with ours among them.

The published rows are ``results/published.csv``; ours are ``results/evaluations/MODEL/test.json``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.messages.catalogue import LANGUAGES, text
from core.models import shipped_models
from core.models.weights import WEIGHTS_FOLDER
from core.reporting.markdown import NOTHING, figure, table
from core.results.evaluations import read_metrics
from core.results.folder import results_folder
from core.results.model_records import SEED_SIGN, metrics_by_seed

TEST = "test"
FIGURES = ("accuracy", "auroc", "sensitivity", "specificity")
PUBLISHED_COLUMNS = (
    "who",
    "address",
    "read",
    *FIGURES,
    *(f"caveat_{language}" for language in LANGUAGES),
    "source",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A row of the table.

    Args:
        who: Whose result, as Markdown.
        accuracy: What the table is sorted by; None where it was not published.
        cells: The printed figures, in the order of ``FIGURES``.
        caveat: What to know before comparing.
    """

    who: str
    accuracy: float | None
    cells: tuple[str, ...]
    caveat: str


def read_published(results: Path | None = None) -> pd.DataFrame:
    """The published results, columns ``PUBLISHED_COLUMNS``; empty where there is no such file.

    Args:
        results: Folder of results; ``results_folder()`` if None.

    Raises:
        ValueError: A figure is no share of one.
    """
    file = (results or results_folder()) / "published.csv"
    if not file.is_file():
        return pd.DataFrame(columns=list(PUBLISHED_COLUMNS))
    words = {name: str for name in PUBLISHED_COLUMNS if name not in FIGURES}
    rows = pd.read_csv(file, dtype=words)[list(PUBLISHED_COLUMNS)].fillna(dict.fromkeys(words, ""))
    figures = rows[list(FIGURES)]
    if not (figures.isna() | ((figures > 0) & (figures <= 1))).all(axis=None):
        raise ValueError("published.csv: a figure is no share of one")
    return rows


def own_models(weights: Path = WEIGHTS_FOLDER) -> tuple[str, ...]:
    """The shipped models, without the other seeds of one of them."""
    return tuple(name for name in shipped_models(weights) if SEED_SIGN not in name)


def spread(seeds: Sequence[Mapping[str, Any]], name: str) -> dict[str, Any]:
    """Mean, least and greatest of a metric over seeds, as ``value``, ``low`` and ``high``."""
    values = [metrics[name]["value"] for metrics in seeds]
    if None in values:
        return {"value": None, "low": None, "high": None}
    return {"value": sum(values) / len(values), "low": min(values), "high": max(values)}


def standings(
    language: str, results: Path | None = None, weights: Path = WEIGHTS_FOLDER
) -> tuple[Standing, ...]:
    """All rows, the most accurate first.

    Args:
        language: One of ``LANGUAGES``.
        results: Folder of results; ``results_folder()`` if None.
        weights: Folder that models ship in.
    """
    rows = [
        Standing(
            who=f"[{row.who}]({row.address})",
            accuracy=None if pd.isna(row.accuracy) else float(row.accuracy),
            cells=tuple(_printed(getattr(row, name)) for name in FIGURES),
            caveat=_caveat(row, language),
        )
        for row in read_published(results).itertuples()
    ]
    for model in own_models(weights):
        rows += _own_rows(model, language, results)
    return tuple(sorted(rows, key=lambda row: row.accuracy or 0, reverse=True))


def field_table(language: str, results: Path | None = None, weights: Path = WEIGHTS_FOLDER) -> str:
    """The table of all results on the official test films, and a sentence on where ours stand.

    Args:
        language: One of ``LANGUAGES``.
        results: Folder of results; ``results_folder()`` if None.
        weights: Folder that models ship in.

    Returns:
        Markdown.
    """
    heads = [text(language, f"readme.{name}") for name in ("who", *FIGURES, "caveat")]
    rows = [[row.who, *row.cells, row.caveat] for row in standings(language, results, weights)]
    return f"{table(heads, rows)}\n\n{field_sentence(language, results, weights)}"


def field_sentence(
    language: str, results: Path | None = None, weights: Path = WEIGHTS_FOLDER
) -> str:
    """Where the default model stands, and the most accurate of ours where that is another."""
    measured = [read_metrics(model, TEST, results) for model in own_models(weights)]
    ours = [metrics for metrics in measured if metrics is not None]
    if not ours:
        return text(language, "readme.field.none")
    sentences = [_place(ours[0], "default", language, results)]
    best = max(ours, key=lambda metrics: float(metrics["accuracy"]["value"]))
    if best is not ours[0]:
        sentences.append(_place(best, "best", language, results))
    return " ".join(sentences)


def _place(metrics: Mapping[str, Any], role: str, language: str, results: Path | None) -> str:
    published = read_published(results)["accuracy"].dropna()
    accuracy = metrics["accuracy"]
    within = published.between(accuracy["low"], accuracy["high"])
    return text(
        language,
        f"readme.field.{role}",
        model=f"{metrics['model']} {metrics['version']}",
        place=1 + int((published > accuracy["value"]).sum()),
        total=len(published) + 1,
        low=f"{accuracy['low']:.3f}",
        high=f"{accuracy['high']:.3f}",
        within=int(within.sum()),
        published=len(published),
    )


def _own_rows(model: str, language: str, results: Path | None) -> list[Standing]:
    """A row of the shipped weights, and one of the mean of its seeds where there are several."""
    shipped = read_metrics(model, TEST, results)
    if shipped is None:
        return []
    name = f"{model} {shipped['version']}"
    rows = [_own(name, shipped, text(language, "readme.field.ours"))]
    seeds = metrics_by_seed(model, TEST, results)
    if len(seeds) > 1:
        mean = {figure_name: spread(seeds, figure_name) for figure_name in FIGURES}
        who = text(language, "readme.field.mean", model=model, n=len(seeds))
        rows.append(_own(who, mean, text(language, "readme.field.spread")))
    return rows


def _own(who: str, figures: Mapping[str, Any], caveat: str) -> Standing:
    cells = tuple(f"**{figure(figures[name])}**" for name in FIGURES)
    return Standing(f"**{who}**", figures["accuracy"]["value"], cells, caveat)


def _caveat(row: Any, language: str) -> str:
    """A published row's caveat, and that we have not read it where we have not."""
    words = str(getattr(row, f"caveat_{language}"))
    return words if row.read else f"{words}; {text(language, 'readme.field.unread')}"


def _printed(value: float) -> str:
    return NOTHING if pd.isna(value) else f"{value:.3f}"
