"""How many films the population reader tells right, as ``population/run.json`` has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.results.folder import results_folder
from core.results.measured import read_measured

TOLD_OF = {"test": "official_test", "validation": "held_out_child", "nih_adult": "nih_adult"}
"""The measured set of an evaluation's films, by the evaluation's name."""

Told = Mapping[str, Any]
"""``n``, a count of each population by its name, ``told_right``, and the 95 % interval from ``low``
to ``high``."""


@dataclass(frozen=True, slots=True)
class PopulationFigures:
    """What the population reader tells of films whose population is known.

    Args:
        sets: By the set's name.
        conditions: By population, then by condition: held-out films under stress.
        lung_heights: By group, ``n`` films and ``median_px``, how high lungs are in the original
            films: of test films told a child's or not, and of training films by class.
    """

    sets: Mapping[str, Told]
    conditions: Mapping[str, Mapping[str, Told]]
    lung_heights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def population_of(weights_sha256: str, results: Path | None = None) -> PopulationFigures | None:
    """The measurement of the population reader; None where these weights are unmeasured.

    Args:
        weights_sha256: Of the weights that ship now.
        results: Folder of results; ``results_folder()`` if None.
    """
    file = (results or results_folder()) / "population" / "run.json"
    found = read_measured(file, weights_sha256, PopulationFigures)
    return PopulationFigures(**found) if found else None
