"""Measurements of the generator's films."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.results.folder import SYNTHETIC_FOLDER, results_folder


def read_synthetic(results: Path | None = None) -> Mapping[str, Any] | None:
    """What ``python -m core generate measure`` wrote; None where it has not run.

    Args:
        results: Folder of results; ``results_folder()`` if None.
    """
    file = (results or results_folder()) / SYNTHETIC_FOLDER / "metrics.json"
    if not file.is_file():
        return None
    content: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content
