"""The lungs segmenter: trained on outlines for real, resumed exactly, shipped and measured."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import Tensor

import core.cli.measure_lungs
import core.cli.train_lungs
import core.models.lungs
import core.training.lungs.train
from core.metrics.overlap import dice
from core.models.lungs import LungsNetwork
from core.models.lungs_card import load_shipped_lungs
from core.results.lungs import DICE_COLUMNS, figures_of, read_lungs
from core.training.lungs.train import LungsConfig, LungsModule, Outlined, train_lungs
from tests.conftest import draw_data_folder, patient_name
from tests.support.runs import PowerCut

TINY = LungsConfig(epochs=2, batch_size=4, learning_rate=1e-3, imagenet=False, ema_decay=0.5)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the segmenter be trained at 32 pixels."""
    augmentation = core.training.lungs.train._AUGMENTATION
    small = type(augmentation)(augmentation.policy, 32, 0.4, 1.8)
    monkeypatch.setattr(core.training.lungs.train, "_AUGMENTATION", small)


def outlined(count: int) -> Outlined:
    random = np.random.default_rng(0)
    outlines = np.zeros((count, 32, 32), bool)
    outlines[:, 8:24, 4:14], outlines[:, 8:24, 18:28] = True, True
    films = (random.random((count, 32, 32)) * 80 + 120 * ~outlines).astype(np.uint8)
    return Outlined(films, outlines)


@pytest.mark.usefixtures("small")
class TestTraining:
    def test_a_training_cut_in_mid_epoch_ends_like_one_that_was_not(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole, whole_dice = train_lungs(outlined(9), outlined(3), TINY, tmp_path / "whole")
        plain = LungsModule.training_step

        def die(module: LungsModule, batch: list[Tensor], batch_idx: int) -> Tensor:
            if (module.current_epoch, batch_idx) == (1, 1):
                monkeypatch.setattr(LungsModule, "training_step", plain)
                raise PowerCut
            return plain(module, batch, batch_idx)

        monkeypatch.setattr(LungsModule, "training_step", die)
        with pytest.raises(PowerCut):
            train_lungs(outlined(9), outlined(3), TINY, tmp_path / "cut")
        resumed, resumed_dice = train_lungs(outlined(9), outlined(3), TINY, tmp_path / "cut")
        assert resumed_dice == whole_dice
        after = resumed.state_dict()
        assert all(torch.equal(part, after[name]) for name, part in whole.state_dict().items())

    def test_films_and_outlines_must_be_as_many(self) -> None:
        with pytest.raises(ValueError, match="expected 3 outlines, got 2"):
            Outlined(np.zeros((3, 8, 8), np.uint8), np.zeros((2, 8, 8), bool))


@pytest.mark.usefixtures("small")
def test_it_is_trained_shipped_and_measured_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = draw_data_folder(tmp_path / "films", {"train": 16, "test": 2}, patient_name)
    drawn = np.zeros((224, 224), bool)
    drawn[50:170, 30:100], drawn[50:170, 124:194] = True, True
    for film in sorted(data.rglob("*.png"))[1:]:
        file = tmp_path / "lungs" / film.relative_to(data)
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(drawn).save(file)
    weights, results = tmp_path / "weights", tmp_path / "results"
    where = ["--data", str(data), "--results", str(results), "--weights", str(weights)]
    trained = ["--version", "9.0", "--epochs", "1", "--batch-size", "16", "--from-scratch"]
    results.mkdir()
    assert core.cli.train_lungs.main([*trained, *where]) == 0
    card, network = load_shipped_lungs(weights)
    assert (card.version, card.films + card.held_out_films) == ("9.0", 32)
    assert card.held_out_films == 4
    assert isinstance(network, LungsNetwork)
    summary = json.loads((results / "lungs" / "run.json").read_text())
    assert summary["weights_sha256"] == card.sha256
    assert not list((results / ".running").iterdir())

    for _ in range(2):
        assert core.cli.measure_lungs.main(where) == 0
    assert "test" in capsys.readouterr().out
    found = read_lungs(results)
    assert found is not None
    assert found.weights_sha256 == card.sha256
    assert sum(each.n for each in found.figures) == 35, "one film has no outline"
    table = pd.read_csv(results / "lungs" / "dice.csv")
    assert tuple(table.columns) == DICE_COLUMNS
    assert table["dice"].between(0, 1).all()
    looks = pd.read_csv(results / "test_looks.csv")
    assert looks["model"].tolist() == ["lungs"], "the same weights are logged once"
    assert looks["n"].sum() == sum(each.n for each in found.figures if each.split == "test")
    assert looks["accuracy"].isna().all()


def test_without_outlines_it_is_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = draw_data_folder(tmp_path / "films", {"train": 16, "test": 2}, patient_name)
    where = ["--data", str(data), "--results", str(tmp_path)]
    assert core.cli.train_lungs.main(["--version", "1", *where]) == 1
    assert core.cli.measure_lungs.main(where) == 1
    assert capsys.readouterr().err.count("error: ") == 2


class TestDice:
    def test_by_hand(self) -> None:
        found, outlines = torch.zeros(4, 4, 4, dtype=torch.bool), torch.zeros(4, 4, 4).bool()
        found[0, :2], outlines[0, :2] = True, True  # the same
        found[1, :2], outlines[1, 1:3] = True, True  # half of each
        found[2, :2], outlines[2, 2:] = True, True  # apart
        assert dice(found, outlines).tolist() == [1.0, 0.5, 0.0, 1.0]

    def test_figures_of_each_split_and_class(self) -> None:
        table = pd.DataFrame(
            [("a", "train", "NORMAL", 0.9), ("b", "train", "NORMAL", 0.7), ("c", "test", "X", 1.0)],
            columns=list(DICE_COLUMNS),
        )
        first, second = figures_of(table)
        assert (first.n, first.mean, first.median, first.least, first.poor) == (
            *(2, 0.8, 0.8, 0.7),
            1,
        )
        assert (second.split, second.n, second.poor) == ("test", 1, 0)
