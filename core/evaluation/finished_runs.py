"""Finished runs: their networks, in float32 and not calibrated, and the films they held out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.data.folder import Record, held_out
from core.imaging.framings import FILM
from core.messages.errors import DataDiffers, HeldOutDiffers
from core.models import Network, build_network
from core.models.network import COARSE_STRIDE_PX, MEAN
from core.results.runs import read_run

SPLIT_SETTINGS = ("folds", "fold", "split_seed")
"""The settings that decide which patients a run holds out."""

LATER_SETTINGS: dict[str, Any] = {
    "teacher": "none",
    "reading_size_px": 0,
    "norm": "batch",
    "train_share": 1.0,
    "exchange_prob": 0.0,
    "synthetic": "none",
    "framing": FILM,
    "pooling": MEAN,
    "map_stride_px": COARSE_STRIDE_PX,
    "trained_layers": 0,
    "schedule": "cosine",
    "decay_epochs": 5,
    "validate_every": 1,
    "without_series": "none",
}
"""Settings that earlier runs did not record, with what they did."""


def settings_of(name: str, results: Path) -> dict[str, Any]:
    """The settings of a finished run, by their names in ``TrainConfig``.

    Raises:
        RunMissing: There is no such run.
    """
    return {**LATER_SETTINGS, **read_run(results / "runs" / name).summary["config"]}


def run_network(name: str, results: Path) -> Network:
    """The network of a finished run, in evaluation mode.

    Args:
        name: The run's name.
        results: Folder of results.

    Raises:
        RunMissing: There is no such run.
        WeightsMissing: Its folder holds no weights any more.
    """
    folder = results / "runs" / name
    config = settings_of(name, results)
    return built(config | {"init": str(folder / "weights.safetensors")}).eval()


def built(config: Mapping[str, Any]) -> Network:
    """The network that a run's settings ask for, with its start weights.

    Args:
        config: The settings, by their names in ``TrainConfig``.
    """
    return build_network(
        config["architecture"],
        config["reading_size_px"] or config["size_px"],
        config["dropout"],
        config["init"],
        config["norm"],
        config["pooling"],
        fine=config["map_stride_px"] < COARSE_STRIDE_PX,
        framing=config["framing"],
    )


def split_of(runs: Sequence[str], results: Path) -> tuple[int, int, int]:
    """The split of patients that all of these runs held films out by.

    Args:
        runs: At least one name.
        results: Folder of results.

    Returns:
        Folds, fold and seed, as ``core.data.folder.held_out`` takes them.

    Raises:
        RunMissing: There is no such run.
        HeldOutDiffers: They were trained with different splits.
    """
    configs = [read_run(results / "runs" / run).summary["config"] for run in runs]
    splits = {tuple(config[name] for name in SPLIT_SETTINGS) for config in configs}
    if len(splits) > 1:
        raise HeldOutDiffers(runs=", ".join(runs))
    folds, fold, split_seed = splits.pop()
    return folds, fold, split_seed


def films_held_out(runs: Sequence[str], data: Path, results: Path) -> tuple[Record, ...]:
    """The films that all of these runs held out, in the order of the data folder.

    Args:
        runs: At least one name.
        data: The data folder that they were trained on.
        results: Folder of results.

    Raises:
        RunMissing: There is no such run.
        HeldOutDiffers: They were trained with different splits.
        DataError: The folder is not theirs, or cannot be read.
    """
    records = held_out(data, *split_of(runs, results))
    images = {record.image for record in records}
    for run in runs:
        if set(read_run(results / "runs" / run).predictions["image"]) != images:
            raise DataDiffers(run=run)
    return records
