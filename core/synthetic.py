"""What the generator's films are worth, as the READMEs tell it."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from core.i18n import text
from core.labels import CLASSES
from core.markdown import table
from core.results import SYNTHETIC_FOLDER, results_folder

FIGURES = ("fid", "kid", "precision", "recall")
SETS = ("synthetic", "real")


def read_synthetic(results: Path | None = None) -> Mapping[str, Any] | None:
    """What ``python -m core.generate measure`` wrote; None where it has not run.

    Args:
        results: Folder of results; ``results_folder()`` if None.
    """
    file = (results or results_folder()) / SYNTHETIC_FOLDER / "metrics.json"
    if not file.is_file():
        return None
    content: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def synthetic_text(language: str, results: Path | None = None) -> str:
    """A Markdown table of likeness, and a sentence on memorisation; or that nothing is measured.

    Args:
        language: One of ``core.i18n.LANGUAGES``.
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
