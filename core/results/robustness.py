"""How far a shipped model's verdict rests on the lungs: what frames do to it, where its heat lies.

``evaluations/MODEL/frames.json`` and ``heat/MODEL.json``; what has not been measured with the
weights that ship now is not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.models import ModelCard
from core.results.evaluations import FRAMES_NAME
from core.results.folder import results_folder
from core.results.measured import read_measured, write_measured

Figure = Mapping[str, Any]
"""``n``, ``value``, and the 95 % interval from ``low`` to ``high``."""

ALL_FRAMES = "all"
OUTCOMES = ("unchanged", "class_changed", "silent")
"""The verdict stays; the class at the operating point is another; one plain verdict becomes the
other, with no word of review, whatever notices go with it."""


@dataclass(frozen=True, slots=True)
class FrameFigures:
    """What frames that leave the lungs alone do to the verdict.

    Args:
        dataset: Name of the set.
        films: How many it has.
        patients: Of how many patients.
        frames: By frame and, last, for ``ALL_FRAMES``: the share of each of ``OUTCOMES``.
        segmenter_sha256: Of the weights of the lungs segmenter that the films were framed by.
    """

    dataset: str
    films: int
    patients: int
    frames: Mapping[str, Mapping[str, Figure]]
    segmenter_sha256: str = ""


@dataclass(frozen=True, slots=True)
class HeatInside:
    """Where the heat of a set's pneumonias lies.

    Args:
        films: How many have a human outline of their lungs.
        without_heat: How many of them have no heat at all; the shares leave them out.
        share: Mean share of the heat that lies inside the outline; None without any heat.
        hottest: Share of films whose hottest point lies inside.
    """

    films: int
    without_heat: int
    share: Figure | None
    hottest: Figure | None


@dataclass(frozen=True, slots=True)
class HeatFigures:
    """Where a model's heat lies.

    Args:
        method: Of the heatmaps.
        sets: By the set's name.
    """

    method: str
    sets: Mapping[str, HeatInside]


def frames_of(model: str, weights_sha256: str, results: Path | None = None) -> FrameFigures | None:
    """What frames do to the verdict; None where these weights are unmeasured.

    Args:
        model: The shipped model's name.
        weights_sha256: Of the weights that ship now.
        results: Folder of results; ``results_folder()`` if None.
    """
    found = read_measured(_frames_file(model, results), weights_sha256, FrameFigures)
    return FrameFigures(**found) if found else None


def write_frames(card: ModelCard, found: FrameFigures, results: Path) -> None:
    """Write what frames do to a model's verdict."""
    write_measured(_frames_file(card.name, results), card, found)


def _frames_file(model: str, results: Path | None) -> Path:
    return (results or results_folder()) / "evaluations" / model / f"{FRAMES_NAME}.json"


def heat_of(model: str, weights_sha256: str, results: Path | None = None) -> HeatFigures | None:
    """Where the heat lies on pneumonias; None where these weights are unmeasured.

    Args:
        model: The shipped model's name.
        weights_sha256: Of the weights that ship now.
        results: Folder of results; ``results_folder()`` if None.
    """
    found = read_measured(_heat_file(model, results), weights_sha256, HeatFigures)
    if found is None:
        return None
    sets = {name: HeatInside(**figures) for name, figures in found["sets"].items()}
    return HeatFigures(found["method"], sets)


def write_heat(card: ModelCard, found: HeatFigures, results: Path) -> None:
    """Write where a model's heat lies."""
    write_measured(_heat_file(card.name, results), card, found)


def _heat_file(model: str, results: Path | None) -> Path:
    return (results or results_folder()) / "heat" / f"{model}.json"
