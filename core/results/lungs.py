"""How well the lungs segmenter agrees with human outlines: ``results/lungs``.

dice.csv: a row a film. dice.json: which weights, when, and the figures of each split and class.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.results.folder import results_folder, write_json, write_table

LUNGS_RESULTS = "lungs"
DICE_COLUMNS = ("image", "split", "label", "dice")
POOR = 0.8
"""Under this Dice coefficient an outline is of little use."""


@dataclass(frozen=True, slots=True)
class OutlineFigures:
    """The Dice coefficients of the films of one split and class.

    Args:
        split: ``train``, ``validation`` or ``test``.
        label: The class.
        n: How many films have a human outline.
        mean: Of the coefficients, as are ...
        median: ... and ...
        least: ... the lowest.
        poor: How many are under ``POOR``.
    """

    split: str
    label: str
    n: int
    mean: float
    median: float
    least: float
    poor: int


@dataclass(frozen=True, slots=True)
class LungsResults:
    """A measurement of the segmenter.

    Args:
        version: Of its weights.
        weights_sha256: Of its weights.
        date: Of the measurement, ISO 8601.
        figures: One entry a split and class.
    """

    version: str
    weights_sha256: str
    date: str
    figures: tuple[OutlineFigures, ...]


def figures_of(dice: pd.DataFrame) -> tuple[OutlineFigures, ...]:
    """The figures of each split and class, of a table with ``DICE_COLUMNS``, in its order."""
    return tuple(
        OutlineFigures(
            split=str(split),
            label=str(label),
            n=len(films),
            mean=round(float(films.mean()), 4),
            median=round(float(films.median()), 4),
            least=round(float(films.min()), 4),
            poor=int((films < POOR).sum()),
        )
        for (split, label), films in dice.groupby(["split", "label"], sort=False)["dice"]
    )


def write_lungs(found: LungsResults, dice: pd.DataFrame, results: Path) -> Path:
    """Write a measurement. Returns the folder written to."""
    folder = results / LUNGS_RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / "dice.csv", dice)
    write_json(folder / "dice.json", asdict(found))
    return folder


def read_lungs(results: Path | None = None) -> LungsResults | None:
    """The last measurement; None where there is none."""
    file = (results or results_folder()) / LUNGS_RESULTS / "dice.json"
    if not file.is_file():
        return None
    content: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    figures = tuple(OutlineFigures(**each) for each in content["figures"])
    return LungsResults(**{**content, "figures": figures})
