"""What the films are, counted: by split and class, their sizes, copies and brightness."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from core.data.folder import (
    Record,
    cause_of,
    manifest_sha256,
    merge_identical,
    patient_of,
    read_films,
    scan_split,
)
from core.messages.errors import FolderMissing

OFFICIAL_SPLITS = ("train", "val", "test")
CAUSES = ("bacteria", "virus")
BRIGHTNESS_BINS = 25
COUNT_COLUMNS = ("split", "label", "films", "patients", *CAUSES, "median_kb")
BRIGHTNESS_COLUMNS = ("split", "label", "brightness", "films")


@dataclass(frozen=True, slots=True)
class DataSummary:
    """What a data folder holds.

    Args:
        facts: summary.json: films, patients, image sizes, identical files, shared patients.
        counts: A row a split and class, columns ``COUNT_COLUMNS``; ``median_kb`` is the middle
            file size in units of 1000 bytes.
        brightness: A row a filled bin, columns ``BRIGHTNESS_COLUMNS``; ``brightness`` is the
            bin's middle, a film's mean from 0 (black) to 1 (white).
    """

    facts: Mapping[str, Any]
    counts: pd.DataFrame
    brightness: pd.DataFrame


def summarise(root: Path) -> DataSummary:
    """Read every film of a data folder once and count.

    Args:
        root: Folder with the official splits; ``val`` may be missing.

    Raises:
        DataError: A split or class is missing, or a film cannot be read.
    """
    if not root.is_dir():
        raise FolderMissing(folder=root)
    splits = [name for name in OFFICIAL_SPLITS if name != "val" or (root / name).is_dir()]
    records = merge_identical([r for name in splits for r in scan_split(root, name, name)])
    films = _measure(root, records)
    return DataSummary(_facts(films, records), _counts(films), _brightness(films))


def _measure(root: Path, records: Sequence[Record]) -> pd.DataFrame:
    """A row a film: its record with cause, size of file and image, and mean brightness."""
    rows = []
    progress = tqdm(records, "Reading films", unit="film", disable=not sys.stderr.isatty())
    for record, film in zip(progress, read_films(root, records), strict=True):
        rows.append(
            {
                "split": record.split,
                "label": record.label.value,
                "patient": record.patient,
                "name": patient_of(Path(record.image).stem),
                "sha256": record.sha256,
                "cause": cause_of(record.image),
                "bytes": (root / record.image).stat().st_size,
                "width_px": film.facts.width_px,
                "height_px": film.facts.height_px,
                "brightness": float(film.pixels.mean()),
            }
        )
    return pd.DataFrame(rows)


def _facts(films: pd.DataFrame, records: Sequence[Record]) -> dict[str, Any]:
    sizes = films.groupby(["width_px", "height_px"]).size().reset_index(name="films")
    copies = films.groupby("sha256").agg(films=("split", "size"), splits=("split", "nunique"))
    copies = copies[copies["films"] > 1]
    test = films[films["split"] == "test"]
    shared = set(test["name"]) & set(films.loc[films["split"] != "test", "name"])
    return {
        "manifest_sha256": manifest_sha256(records),
        "films": len(films),
        "patients": int(films["patient"].nunique()),
        "image_sizes": sizes.to_dict("records"),
        "identical": {
            "groups": len(copies),
            "films": int(copies["films"].sum()),
            "groups_across_splits": int((copies["splits"] > 1).sum()),
        },
        "patient_names_in_training_and_test": {
            "names": len(shared),
            "test_films": int(test["name"].isin(shared).sum()),
        },
    }


def _counts(films: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {
            "split": split,
            "label": label,
            "films": len(group),
            "patients": group["patient"].nunique(),
            **{cause: int((group["cause"] == cause).sum()) for cause in CAUSES},
            "median_kb": group["bytes"].median() / 1000,
        }
        for (split, label), group in films.groupby(["split", "label"], sort=False)
    ]
    return pd.DataFrame(rows, columns=list(COUNT_COLUMNS))


def _brightness(films: pd.DataFrame) -> pd.DataFrame:
    bins = np.minimum((films["brightness"] * BRIGHTNESS_BINS).astype(int), BRIGHTNESS_BINS - 1)
    table = films.assign(brightness=(bins + 0.5) / BRIGHTNESS_BINS)
    counted = table.groupby(["split", "label", "brightness"], sort=False).size()
    return counted.reset_index(name="films").sort_values(
        list(BRIGHTNESS_COLUMNS[:3]), ignore_index=True
    )
