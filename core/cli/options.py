"""The folders that commands ask for, each with one name, default and meaning everywhere."""

import argparse
from pathlib import Path

from core.data.folder import data_folder
from core.models.weights import WEIGHTS_FOLDER
from core.results.folder import results_folder


def add_folders(options: argparse.ArgumentParser, *names: str) -> None:
    """Let a command line take folders.

    Args:
        options: The command line.
        names: Some of ``data``, ``results`` and ``weights``; each becomes an option of its name.
    """
    known = {
        "data": (data_folder(), "the data folder"),
        "results": (results_folder(), "folder of results"),
        "weights": (WEIGHTS_FOLDER, "where models ship"),
    }
    for name in names:
        default, meaning = known[name]
        options.add_argument(f"--{name}", type=Path, default=default, help=meaning)
