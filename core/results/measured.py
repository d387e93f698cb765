"""Figures that belong to certain weights: one writer and one reader of such records.

A record is the JSON of a dataclass of figures, headed by the model's name, version and weights and
by the date. Figures of other weights than those that ship now are never read.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.models import ModelCard
from core.results.folder import write_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def write_measured(file: Path, card: ModelCard, figures: "DataclassInstance") -> None:
    """Write figures of a shipped model.

    Args:
        file: Where to; its folder is made.
        card: The model's.
        figures: What was measured.
    """
    head = {
        "model": card.name,
        "version": card.version,
        "weights_sha256": card.sha256,
        "date": datetime.now(UTC).date().isoformat(),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    write_json(file, head | asdict(figures))


def read_measured(
    file: Path, weights_sha256: str, kind: "type[DataclassInstance]"
) -> Mapping[str, Any] | None:
    """The fields of figures of a shipped model.

    Args:
        file: The record.
        weights_sha256: Of the weights that ship now.
        kind: The dataclass that was written.

    Returns:
        What ``kind`` is made of, as far as the record has it; None where there is no such file,
        or it is of other weights.
    """
    if not file.is_file():
        return None
    found: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if found["weights_sha256"] != weights_sha256:
        return None
    return {each.name: found[each.name] for each in fields(kind) if each.name in found}
