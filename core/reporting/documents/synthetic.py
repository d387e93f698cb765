"""Measurements of the generator's films, as a table and a sentence."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from core.data.labels import CLASSES
from core.messages.catalogue import text
from core.reporting.markdown import table
from core.results.synthetic import read_synthetic

FIGURES = ("fid", "kid", "precision", "recall")
SETS = ("synthetic", "real")


def synthetic_text(language: str, results: Path | None = None) -> str:
    """A Markdown table of likeness, and a sentence on memorisation; or that nothing is measured.

    Args:
        language: One of ``core.messages.catalogue.LANGUAGES``.
        results: Folder of results; ``results_folder()`` if None.
    """
    words, measured = partial(text, language), read_synthetic(results)
    if measured is None:
        return words("synthetic.none")
    rows = [
        [
            words(f"metric.class.{label}"),
            words(f"synthetic.set.{name}", n=figures["n"]),
            str(figures["n_held_out"]),
            *(f"{figures[name][figure]:.3f}" for figure in FIGURES),
        ]
        for label in CLASSES
        for figures in [measured["likeness"][label]]
        for name in SETS
    ]
    heads = [words(f"synthetic.{name}") for name in ("class", "films", "held_out", *FIGURES)]
    return f"{table(heads, rows)}\n\n{_memorisation(measured, language)}"


def _memorisation(measured: Mapping[str, Any], language: str) -> str:
    found = measured["memorisation"]
    copies = found["copies"].values()
    return text(
        language,
        "synthetic.memorisation",
        copies=sum(each["n"] for each in copies),
        drawn=sum(each["of"] for each in copies),
        held_out=found["held_out"]["n"],
        of=found["held_out"]["of"],
        percentile=f"{found['percentile']:g}",
        version=measured["version"],
        features=measured["features"],
    )
