"""Synthetic films among those of a training.

``python -m core generate films`` draws them into a folder that Git ignores, which the generator's
weights and a seed make anew. No synthetic film is ever validated on.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.data.folder import Record, scan_split
from core.data.labels import CLASSES, Label
from core.messages.errors import HeldOutDiffers, SyntheticMissing
from core.training.classifier.config import BALANCE, TrainConfig

SYNTHETIC = "synthetic"
"""The split that synthetic films are in."""

RECORD = ".drawn.json"
"""By which weights they were drawn, and which films those had not seen."""


def synthetic_folder(results: Path) -> Path:
    """Where synthetic films for training are: a folder a class."""
    return results / ".synthetic"


def synthetic_films(
    records: Sequence[Record], config: TrainConfig, results: Path
) -> tuple[Record, ...]:
    """The synthetic films that a run adds: of each class the first ones that were drawn.

    Args:
        records: The films that the run uses without them.
        config: The run's settings.
        results: Folder of results.

    Returns:
        Records whose images are paths below ``synthetic_folder``.

    Raises:
        SyntheticMissing: Fewer have been drawn.
        HeldOutDiffers: The generator that drew them has seen films that the run is validated on.
    """
    wanted = {label: count for label, count in wanted_films(records, config).items() if count}
    if not wanted:
        return ()
    folder = synthetic_folder(results)
    if (folder / RECORD).is_file():
        drawn_by = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if not config.holds_out_as(drawn_by):
            raise HeldOutDiffers(runs=folder.name)
    drawn: tuple[Record, ...] = ()
    if all((folder / label).is_dir() for label in CLASSES):
        drawn = scan_split(folder, ".", SYNTHETIC)
    added: list[Record] = []
    for label, count in wanted.items():
        there = [record for record in drawn if record.label == label]
        if len(there) < count:
            raise SyntheticMissing(label=label, wanted=count, there=len(there), folder=folder.name)
        added += [replace(each, patient=f"{SYNTHETIC}-{each.patient}") for each in there[:count]]
    return tuple(added)


def wanted_films(records: Sequence[Record], config: TrainConfig) -> dict[Label, int]:
    """How many synthetic films of each class a run adds.

    Args:
        records: The films that it uses without them.
        config: Its settings.
    """
    trained = [record.label for record in records if record.split == "train"]
    counts = {label: trained.count(label) for label in CLASSES}
    if config.synthetic == "none":
        return dict.fromkeys(CLASSES, 0)
    if config.synthetic == BALANCE:
        return {label: max(counts.values()) - count for label, count in counts.items()}
    return {label: round(float(config.synthetic) * count) for label, count in counts.items()}
