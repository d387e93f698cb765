"""What each architecture costs: ``results/latency.csv``."""

from pathlib import Path

import pandas as pd

from core.results.folder import results_folder

LATENCY_COLUMNS = (
    "architecture",
    "size_px",
    "params",
    "gflops",
    "file_mb",
    "ms",
    "ms_quickest",
    "cpu",
)


def read_latency(results: Path | None = None) -> pd.DataFrame:
    """What each architecture costs, columns ``LATENCY_COLUMNS``; no rows before it was measured.

    Args:
        results: Folder of results; ``results_folder()`` if None.
    """
    file = (results or results_folder()) / "latency.csv"
    if not file.is_file():
        return pd.DataFrame(columns=list(LATENCY_COLUMNS))
    return pd.read_csv(file)
