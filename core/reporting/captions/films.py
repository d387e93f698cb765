"""The data set: its table, sentence, captions and caveats."""

from collections.abc import Mapping, Sequence
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
        pneumonia=f"{_films(counts, label=Label.PNEUMONIA):,}",
        share=_pneumonia_share(counts, language),
    )


def counts_caption(counts: pd.DataFrame, language: str) -> str:
    """The counts in words, with the share of pneumonia in training and in test."""
    parts = [
        text(
            language,
            "data.caption.counts_part",
            split=text(language, f"data.split.{split}"),
            normal=_films(rows, label=Label.NORMAL),
            pneumonia=_films(rows, label=Label.PNEUMONIA),
        )
        for split, rows in counts.groupby("split", sort=False)
    ]
    return text(
        language,
        "data.caption.counts",
        parts="; ".join(parts),
        train_share=_pneumonia_share(counts[counts["split"] == "train"], language),
        test_share=_pneumonia_share(counts[counts["split"] == "test"], language),
    )


def brightness_caption(brightness: pd.DataFrame, language: str) -> str:
    """The mean brightness of each class in training and in test."""
    groups = brightness[brightness["split"] != "val"].groupby(["label", "split"], sort=True)
    parts = [
        text(
            language,
            "data.caption.brightness_part",
            group=group_name(split, label, int(rows["films"].sum()), language),
            mean=(rows["brightness"] * rows["films"]).sum() / rows["films"].sum(),
        )
        for (label, split), rows in groups
    ]
    return text(language, "data.caption.brightness", parts="; ".join(parts))


def group_name(split: str, label: str, n: int, language: str) -> str:
    """The name of the films of one class in one split."""
    return text(
        language,
        "data.legend.group",
        label=text(language, f"metric.class.{label}"),
        split=text(language, f"data.split.{split}").lower(),
        n=n,
    )


def caveats(facts: Mapping[str, Any], counts: pd.DataFrame, language: str) -> str:
    """A Markdown list of what the data do not show, with what was counted.

    Args:
        facts: ``facts`` of a ``core.data.summary.DataSummary``.
        counts: Its ``counts``.
        language: A language of the catalogue.
    """
    words = partial(text, language)
    identical = facts["identical"]
    shared = facts["patient_names_in_training_and_test"]
    lines = [
        words("data.caveat.children"),
        _size_caveat(facts["image_sizes"], language),
        words("data.caveat.split"),
        words("data.caveat.patients", names=shared["names"], test_films=shared["test_films"]),
        words(
            "data.caveat.identical",
            groups=identical["groups"],
            films=identical["films"],
            across=_across(identical["groups_across_splits"], language),
        ),
    ]
    if (counts["split"] == "val").any():
        lines.append(words("data.caveat.val", films=_films(counts[counts["split"] == "val"])))
    bacteria, virus = int(counts["bacteria"].sum()), int(counts["virus"].sum())
    lines.append(words("data.caveat.labels", bacteria=bacteria, virus=virus))
    return "\n".join(f"- {line}" for line in lines)


def _across(groups: int, language: str) -> str:
    place = "across" if groups else "apart"
    return text(language, f"data.caveat.identical_{place}", groups=groups)


def _size_caveat(sizes: Sequence[Mapping[str, int]], language: str) -> str:
    if len(sizes) == 1:
        only = sizes[0]
        return text(
            language, "data.caveat.squashed", width=only["width_px"], height=only["height_px"]
        )
    ordered = sorted(sizes, key=lambda size: size["width_px"] * size["height_px"])
    ends = (ordered[0], ordered[-1])
    smallest, largest = (f"{size['width_px']} × {size['height_px']}" for size in ends)
    return text(language, "data.caveat.sizes", sizes=len(sizes), smallest=smallest, largest=largest)


def _films(counts: pd.DataFrame, label: Label | None = None) -> int:
    rows = counts if label is None else counts[counts["label"] == label]
    return int(rows["films"].sum())


def _pneumonia_share(counts: pd.DataFrame, language: str) -> str:
    return percent(_films(counts, Label.PNEUMONIA) / max(_films(counts), 1), language)
