"""The data set: its table, its sentence, and what it cannot show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from core.data.labels import Label
from core.messages.catalogue import text
from core.reporting.numbers import percent


def counts_table(counts: pd.DataFrame, language: str) -> pd.DataFrame:
    """The counts with translated names: a row a split and class.

    Args:
        counts: Columns ``core.data.summary.COUNT_COLUMNS``.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    shown = counts.assign(
        split=[words(f"data.split.{split}") for split in counts["split"]],
        label=[words(f"metric.class.{label}") for label in counts["label"]],
        median_kb=[f"{size:.1f}" for size in counts["median_kb"]],
    )
    shown = shown.rename(columns={name: words(f"data.column.{name}") for name in shown})
    return shown.set_index(shown.columns[0])


def films_sentence(facts: Mapping[str, Any], counts: pd.DataFrame, language: str) -> str:
    """How many films of how many patients, and how many of them show pneumonia."""
    return text(
        language,
        "data.sentence",
        films=f"{facts['films']:,}",
        patients=f"{facts['patients']:,}",
        share=_pneumonia_share(counts, language),
    )


def group_name(split: str, label: str, n: int, language: str) -> str:
    """The name of the films of one class in one split."""
    return text(
        language,
        "data.legend.group",
        label=text(language, f"metric.class.{label}"),
        split=text(language, f"data.split.{split}").lower(),
        n=n,
    )


@dataclass(frozen=True, slots=True)
class Tile:
    """One fact of the films, large, with what it means.

    Args:
        label: What it is of.
        value: The fact.
        meaning: What the data do not show because of it.
    """

    label: str
    value: str
    meaning: str


def tiles(facts: Mapping[str, Any], counts: pd.DataFrame, language: str) -> list[Tile]:
    """What the data do not show, with what was counted.

    Args:
        facts: ``facts`` of a ``core.data.summary.DataSummary``.
        counts: Its ``counts``.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    identical, sizes = facts["identical"], _sizes(facts["image_sizes"])
    shared = facts["patient_names_in_training_and_test"]
    across = "across" if identical["groups_across_splits"] else "apart"
    values: dict[str, dict[str, Any]] = {
        "origin": {name: f"{int(counts[name].sum()):,}" for name in ("bacteria", "virus")},
        "size": {"smallest": sizes[0], "largest": sizes[-1], "sizes": len(sizes)},
        "split": {"films": _films(counts[counts["split"] == "val"])},
        "patients": {
            "names": shared["names"],
            "test_films": shared["test_films"],
            "groups": identical["groups"],
            "films": identical["films"],
            "across": words(f"data.tile.{across}", groups=identical["groups_across_splits"]),
        },
    }
    kind = "size" if len(sizes) == 1 else "sizes"
    return [
        Tile(
            words(f"data.tile.{name}_label"),
            words(f"data.tile.{kind if name == 'size' else name}", **own),
            words(f"data.tile.{kind if name == 'size' else name}_meaning", **own),
        )
        for name, own in values.items()
    ]


def _sizes(sizes: Sequence[Mapping[str, int]]) -> list[str]:
    """The sizes of the films, the smallest first."""
    ordered = sorted(sizes, key=lambda size: size["width_px"] * size["height_px"])
    return [f"{size['width_px']} × {size['height_px']}" for size in ordered]


def _films(counts: pd.DataFrame, label: Label | None = None) -> int:
    rows = counts if label is None else counts[counts["label"] == label]
    return int(rows["films"].sum())


def _pneumonia_share(counts: pd.DataFrame, language: str) -> str:
    return percent(_films(counts, Label.PNEUMONIA) / max(_films(counts), 1), language)
