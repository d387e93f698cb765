"""The working folder of a training: claimed, gone on from, and Lightning kept quiet meanwhile."""

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from core.messages.errors import RunDiffers
from core.results.folder import write_json

_NOISE = (
    "Checkpoint directory .* exists and is not empty",
    "The '.*_dataloader' does not have many workers",
    "GPU available but not used",
    ".*LeafSpec.* is deprecated",
)


def claim(working: Path, config: Any) -> None:
    """Make the working folder, or make sure that it is this run's.

    Args:
        working: The folder, below ``RUNNING_FOLDER``.
        config: The run's settings, a dataclass.

    Raises:
        RunDiffers: An unfinished run there has other settings.
    """
    working.mkdir(parents=True, exist_ok=True)
    file = working / "config.json"
    if file.is_file():
        before = json.loads(file.read_text(encoding="utf-8"))
        changed = [key for key, value in asdict(config).items() if before.get(key) != value]
        if changed:
            raise RunDiffers(folder=working.name, settings=", ".join(changed))
    write_json(file, asdict(config))


def catch_up(sampler: Any, checkpoint: Path) -> None:
    """Tell the sampler where a resumed run goes on: workers read ahead before the trainer does."""
    last_epoch = torch.load(checkpoint, map_location="cpu", mmap=True, weights_only=True)["epoch"]
    sampler.set_epoch(last_epoch + 1)


@contextmanager
def without_noise() -> Iterator[None]:
    """Leave out Lightning's warnings of what is meant to be so, or is its own to mend."""
    with warnings.catch_warnings():
        for noise in _NOISE:
            warnings.filterwarnings("ignore", noise)
        yield
