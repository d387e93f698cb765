"""The folder of results, and files in it that a reader never sees half written.

``READING_ROOM_RESULTS`` names another folder to read from.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    import pandas as pd


RESULTS_FOLDER = Path(__file__).resolve().parents[2] / "results"
RESULTS_VARIABLE = "READING_ROOM_RESULTS"
SYNTHETIC_FOLDER = "synthetic"
"""Of the generator, below the folder of results."""


def results_folder() -> Path:
    """The folder that results are read from: ``READING_ROOM_RESULTS``, or the repository's."""
    return Path(os.environ.get(RESULTS_VARIABLE) or RESULTS_FOLDER)


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file that a reader never sees half written."""
    draft = _draft_of(file)
    try:
        draft.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        draft.replace(file)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def write_table(file: Path, table: "pd.DataFrame") -> None:
    """Write a CSV file that a reader never sees half written."""
    draft = _draft_of(file)
    table.to_csv(draft, index=False, float_format="%.6g")
    draft.replace(file)


def _draft_of(file: Path) -> Path:
    """A name to write under first, which no other process has."""
    return file.with_name(f".{file.name}.{uuid4().hex}.draft")
