"""Runs for tests: trained for real, cut short, or written by hand, and records of a choice."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from core.data.folder import held_out
from core.results.runs import read_run
from core.training.classifier.config import TrainConfig
from core.training.classifier.films import films_of_run
from core.training.classifier.module import PneumoniaModule
from core.training.classifier.run import Hardware, train
from tests.support.tiny import STAND_IN

ON_CPU = Hardware(accelerator="cpu", precision="32-true")
SETTINGS: dict[str, Any] = {
    "architecture": STAND_IN,
    "size_px": 32,
    "epochs": 3,
    "batch_size": 4,
    "learning_rate": 0.01,
    "folds": 3,
    "dropout": 0.3,
    "mixup_prob": 0.5,
    "ema_decay": 0.5,
    "seed": 3,
}


def run(data: Path, results: Path, name: str = "one", **settings: Any) -> Path:
    """Train for real: ``SETTINGS``, but for the given ones. Returns the run folder."""
    config = TrainConfig(**{**SETTINGS, **settings})
    return train(films_of_run(data, config, results), name, config, ON_CPU, results)


def assert_same_run(one: Path, other: Path) -> None:
    """Both runs have the same history, but for the clock, and the same weights, bit for bit."""
    histories = [read_run(folder).history.drop(columns="seconds") for folder in (one, other)]
    pd.testing.assert_frame_equal(*histories)
    weights = [load_file(folder / "weights.safetensors") for folder in (one, other)]
    assert weights[0].keys() == weights[1].keys()
    for name, tensor in weights[0].items():
        assert torch.equal(tensor, weights[1][name]), name
    pd.testing.assert_frame_equal(read_run(one).predictions, read_run(other).predictions)


class PowerCut(Exception):
    """The machine goes down."""


def cut_power(monkeypatch: pytest.MonkeyPatch, epoch: int, step: int) -> None:
    """Let training die once, in the middle of a step."""
    plain = PneumoniaModule.training_step

    def training_step(module: PneumoniaModule, batch: Any, batch_idx: int) -> Tensor:
        if (module.current_epoch, batch_idx) == (epoch, step):
            monkeypatch.setattr(PneumoniaModule, "training_step", plain)
            raise PowerCut
        return plain(module, batch, batch_idx)

    monkeypatch.setattr(PneumoniaModule, "training_step", training_step)


SPLIT = {"folds": 3, "fold": 1, "split_seed": 0}


def write_run(results: Path, name: str, data: Path | None = None, **config: Any) -> Path:
    """Write a run as far as an evaluation or a choice needs it, of a data folder."""
    folder = results / "runs" / name
    folder.mkdir(parents=True)
    settings = {**SPLIT, "seed": 0, **config}
    (folder / "run.json").write_text(json.dumps({"config": settings}))
    (folder / "history.csv").write_text("epoch\n")
    films = held_out(data, *SPLIT.values()) if data else ()
    (folder / "predictions.csv").write_text("\n".join(["image", *(film.image for film in films)]))
    return folder


def write_record(
    results: Path, name: str, chosen: Sequence[str], **more: Mapping[str, Any]
) -> Path:
    """Write a record that chose these runs."""
    file = results / "selection" / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"chosen": list(chosen), **more}))
    return file
