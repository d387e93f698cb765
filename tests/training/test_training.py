"""The training loop, run for real on a tiny network and two dozen tiny films."""

import json
import math
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from core.cli.train import main
from core.data.films import Films
from core.data.folder import Record
from core.data.labels import Label
from core.evaluation.finished_runs import run_network
from core.inference.read import inputs
from core.messages.errors import RunDiffers, RunExists, RunMissing
from core.metrics.classification import COUNTS, METRICS
from core.results.predictions import PREDICTION_COLUMNS
from core.results.progress import read_running
from core.results.runs import HISTORY_COLUMNS, read_run, read_runs
from core.training.classifier.config import TrainConfig
from core.training.classifier.data_module import Batch, FilmsDataModule
from core.training.classifier.films import films_of_run, with_fold_held_out
from core.training.classifier.module import PneumoniaModule
from core.training.classifier.outcome import Outcome
from tests.conftest import draw_data_folder, draw_film, patient_name
from tests.support.runs import SETTINGS, PowerCut, assert_same_run, cut_power, run
from tests.support.tiny import STAND_IN, few_resamples, in_the_registry

pytestmark = pytest.mark.usefixtures("tiny_network")


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "results"


@pytest.fixture(scope="module")
def folder(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run with ``SETTINGS``."""
    return run(tiny_data, tmp_path_factory.mktemp("finished") / "results")


class TestRunFolder:
    def test_it_holds_the_run_and_nothing_else(self, folder: Path) -> None:
        assert folder.parts[-3:] == ("results", "runs", "one")
        assert {file.name for file in folder.iterdir()} == {
            "run.json",
            "history.csv",
            "predictions.csv",
            "weights.safetensors",
        }
        assert not any((folder.parents[1] / ".running").iterdir())

    def test_while_it_trains_it_gives_signs_of_life(
        self, tiny_data: Path, results: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("core.training.callbacks.SIGN_SECONDS", 0)
        cut_power(monkeypatch, epoch=1, step=2)
        with pytest.raises(PowerCut):
            run(tiny_data, results)
        (seen,) = read_running(results)
        assert (seen.name, seen.epochs, seen.epochs_done) == ("one", 3, 1)
        assert seen.epoch_share == 2 / 4, "two of four steps of the second epoch"
        assert seen.films_per_second
        assert not seen.is_silent(datetime.now(UTC))
        run(tiny_data, results)
        assert read_running(results) == ()

    def test_run_json_says_how_the_run_was_made_and_what_came_out(self, folder: Path) -> None:
        summary = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        assert set(summary) == {
            "name",
            "finished",
            "training_seconds",
            "config",
            "precision",
            "versions",
            "data",
            "epochs_run",
            "best_epoch",
            "converged",
            "val_loss",
            "parameters",
            "weights_sha256",
            "threshold",
            "metrics",
        }
        assert summary["name"] == "one"
        assert TrainConfig(**summary["config"]) == TrainConfig(**SETTINGS)
        assert summary["versions"]["torch"] == torch.__version__.split("+")[0]
        assert summary["data"]["splits"] == {
            "train": {"NORMAL": 8, "PNEUMONIA": 8, "patients": 8},
            "validation": {"NORMAL": 4, "PNEUMONIA": 4, "patients": 4},
        }
        assert len(summary["data"]["manifest_sha256"]) == 64
        measured = summary["metrics"]["validation"]
        assert (measured["n"], measured["patients"]) == (8, 4)
        assert set(measured) == {"n", "patients", "threshold", "confusion", *METRICS}
        assert set(measured["confusion"]) == set(COUNTS)
        found, missed = measured["confusion"]["tp"], measured["confusion"]["fn"]
        assert found + missed == 4
        assert measured["sensitivity"]["value"] == pytest.approx(found / 4)

    def test_the_history_has_a_row_an_epoch(self, folder: Path) -> None:
        written = read_run(folder)
        assert tuple(written.history.columns) == HISTORY_COLUMNS
        assert written.history["epoch"].tolist() == [1, 2, 3]
        assert written.summary["epochs_run"] == 3
        best = written.summary["best_epoch"]
        assert written.history["val_loss"].idxmin() == best - 1
        assert written.summary["converged"] == (best < 3)
        assert written.history["val_loss"].nunique() == 3, "the network learns"

    def test_predictions_are_those_of_the_validation_films(self, folder: Path) -> None:
        predictions = read_run(folder).predictions
        assert tuple(predictions.columns) == PREDICTION_COLUMNS
        assert set(predictions["split"]) == {"validation"}
        assert predictions["truth"].tolist() == [0] * 4 + [1] * 4
        assert predictions["image"].str.startswith("train/").all()

    @pytest.mark.parametrize("ema_decay", [0.5, 0.0])
    def test_the_loss_stopped_on_is_plain_cross_entropy_of_the_weights_kept(
        self, tiny_data: Path, results: Path, ema_decay: float
    ) -> None:
        hard = {"label_smoothing": 0.2, "mixup_prob": 1.0, "balance": "loss", "epochs": 2}
        folder = run(tiny_data, results, ema_decay=ema_decay, **hard)
        written, network = read_run(folder), run_network(folder.name, folder.parents[1])
        config = TrainConfig(**written.summary["config"])
        films = with_fold_held_out(films_of_run(tiny_data, config, results), config)
        held_out = films.of_split("validation")
        framed = held_out.framed(config.framing, slice(None), torch.device("cpu"))
        images, lungs = inputs(framed, network.size_px)
        truth = torch.tensor(written.predictions["truth"].to_numpy(), dtype=torch.float32)
        with torch.no_grad():
            loss = nn.functional.binary_cross_entropy_with_logits(network(images, lungs), truth)
        assert written.history["val_loss"].min() == pytest.approx(float(loss), abs=2e-5)
        assert written.summary["val_loss"] == pytest.approx(float(loss), abs=2e-5)

    def test_the_weights_start_another_run(
        self, folder: Path, tiny_data: Path, tmp_path: Path
    ) -> None:
        init = str(folder / "weights.safetensors")
        after = run(tiny_data, tmp_path / "more", init=init, epochs=1)
        assert read_run(after).summary["config"]["init"] == init

    def test_the_same_settings_give_the_same_run(
        self, folder: Path, tiny_data: Path, tmp_path: Path
    ) -> None:
        again = run(tiny_data, tmp_path / "again")
        assert_same_run(folder, again)

    def test_another_seed_gives_another_run(
        self, folder: Path, tiny_data: Path, tmp_path: Path
    ) -> None:
        other = read_run(run(tiny_data, tmp_path / "other", seed=4))
        assert not other.history["train_loss"].equals(read_run(folder).history["train_loss"])


class TestResume:
    @pytest.mark.parametrize("epoch", [0, 1])
    def test_a_run_cut_in_mid_epoch_ends_like_one_that_was_not(
        self,
        folder: Path,
        tiny_data: Path,
        results: Path,
        monkeypatch: pytest.MonkeyPatch,
        epoch: int,
    ) -> None:
        cut_power(monkeypatch, epoch, step=2)
        with pytest.raises(PowerCut):
            run(tiny_data, results)
        assert not (results / "runs").exists(), "what is not finished is not a run"
        assert_same_run(folder, run(tiny_data, results))

    def test_so_does_one_with_none_of_the_extras(
        self, tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = {"ema_decay": 0.0, "balance": "sampler", "augmentation": "crop+flip", "epochs": 2}
        whole = run(tiny_data, tmp_path / "whole", **other)
        cut_power(monkeypatch, epoch=1, step=2)
        with pytest.raises(PowerCut):
            run(tiny_data, tmp_path / "cut", **other)
        assert_same_run(whole, run(tiny_data, tmp_path / "cut", **other))

    @pytest.mark.parametrize(("epoch", "validate_every"), [(2, 1), (1, 2)])
    def test_a_resumed_run_does_not_begin_again(
        self,
        tiny_data: Path,
        results: Path,
        monkeypatch: pytest.MonkeyPatch,
        epoch: int,
        validate_every: int,
    ) -> None:
        settings = {"validate_every": validate_every, "epochs": epoch + 1}
        whole = run(tiny_data, results / "whole", **settings)
        cut_power(monkeypatch, epoch, step=0)
        with pytest.raises(PowerCut):
            run(tiny_data, results, **settings)
        epochs: list[int] = []
        plain = PneumoniaModule.training_step

        def training_step(module: PneumoniaModule, batch: Any, batch_idx: int) -> Tensor:
            epochs.append(module.current_epoch)
            return plain(module, batch, batch_idx)

        monkeypatch.setattr(PneumoniaModule, "training_step", training_step)
        assert_same_run(whole, run(tiny_data, results, **settings))
        assert set(epochs) == {epoch}

    @pytest.mark.parametrize(("epochs", "epochs_run"), [(2, 2), (4, 3)], ids=["end", "early"])
    def test_a_run_cut_after_its_last_epoch_only_has_to_be_written(
        self,
        tiny_data: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        epochs: int,
        epochs_run: int,
    ) -> None:
        script_losses(monkeypatch, 0.7, 0.6, 0.65, 0.1)
        settings = {"epochs": epochs, "patience": 1}
        whole = run(tiny_data, tmp_path / "whole", **settings)

        def die(*_: object) -> None:
            raise PowerCut

        with monkeypatch.context() as patch:
            patch.setattr(Outcome, "write", die)
            with pytest.raises(PowerCut):
                run(tiny_data, tmp_path / "cut", **settings)
        resumed = run(tiny_data, tmp_path / "cut", **settings)
        assert read_run(resumed).summary["epochs_run"] == epochs_run
        assert_same_run(whole, resumed)

    def test_other_settings_are_named_and_refused(
        self, tiny_data: Path, results: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cut_power(monkeypatch, epoch=1, step=0)
        with pytest.raises(PowerCut):
            run(tiny_data, results)
        with pytest.raises(RunDiffers, match=r"mixup_prob, seed"):
            run(tiny_data, results, seed=9, mixup_prob=0.1)
        run(tiny_data, results)

    def test_a_finished_run_is_never_written_over(self, tiny_data: Path, results: Path) -> None:
        folder = run(tiny_data, results, epochs=1)
        before = {file.name: file.read_bytes() for file in folder.iterdir()}
        with pytest.raises(RunExists, match="one"):
            run(tiny_data, results, epochs=1)
        assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def script_losses(monkeypatch: pytest.MonkeyPatch, *losses: float) -> None:
    """Let the validation losses of the epochs be these."""

    def validation_step(module: PneumoniaModule, batch: Any, batch_idx: int) -> None:
        for name in ("val_loss", "val_accuracy", "val_auroc"):
            module.log(name, losses[module.current_epoch])

    monkeypatch.setattr(PneumoniaModule, "validation_step", validation_step)


def test_training_stops_when_the_validation_loss_no_longer_falls(
    tiny_data: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script_losses(monkeypatch, 0.7, 0.6, 0.65, 0.6, 0.1)
    summary = read_run(run(tiny_data, results, epochs=5, patience=2)).summary
    assert (summary["epochs_run"], summary["best_epoch"]) == (4, 2)
    assert summary["val_loss"] == 0.6
    assert summary["converged"]


def test_a_run_that_ends_on_its_best_epoch_has_not_converged(
    tiny_data: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script_losses(monkeypatch, 0.7, 0.6)
    assert not read_run(run(tiny_data, results, epochs=2)).summary["converged"]


def test_results_are_read_by_name(tiny_data: Path, results: Path) -> None:
    run(tiny_data, results, epochs=1)
    (results / "runs" / "half").mkdir()
    assert [written.name for written in read_runs(results)] == ["one"]
    with pytest.raises(RunMissing, match="half"):
        read_run(results / "runs" / "half")


class TestTrainingStep:
    """The loss of a batch, with a network whose logits are known."""

    class MeanNetwork(nn.Module):
        """Answers with the mean of each image."""

        def forward(self, images: Tensor, lungs: Tensor) -> Tensor:
            return images.mean(dim=(1, 2, 3))

    def module(self, weights: tuple[float, float] = (1.0, 1.0), **settings: Any) -> PneumoniaModule:
        network: Any = self.MeanNetwork()
        module = PneumoniaModule(network, TrainConfig(**settings), weights)
        module.log = lambda *_, **__: None
        return module

    images = torch.tensor([-1.0, 0.0, 2.0, 0.5]).view(4, 1, 1, 1).expand(4, 1, 4, 4)
    targets = torch.tensor([0.0, 0.0, 1.0, 1.0])
    batch = Batch(images, torch.ones_like(images), targets)

    def loss(self, module: PneumoniaModule) -> float:
        return float(module.training_step(self.batch, 0))

    def by_hand(self, target: Callable[[float], float], weights: tuple[float, float]) -> float:
        total = 0.0
        for image, truth in zip(self.images[:, 0, 0, 0], self.targets, strict=True):
            ill = float(image.sigmoid())
            aim = target(float(truth))
            cross = -(aim * math.log(ill) + (1 - aim) * math.log(1 - ill))
            total += weights[int(truth)] * cross
        return total / 4

    def test_it_is_cross_entropy(self) -> None:
        module = self.module(mixup_prob=0.0)
        assert self.loss(module) == pytest.approx(self.by_hand(lambda t: t, (1, 1)), abs=1e-6)

    def test_classes_are_weighted_and_targets_smoothed_as_configured(self) -> None:
        module = self.module((1.5, 0.75), mixup_prob=0.0, label_smoothing=0.1)
        smooth = self.by_hand(lambda t: 0.9 * t + 0.05, (1.5, 0.75))
        assert self.loss(module) == pytest.approx(smooth, abs=1e-6)

    def test_mixup_prob_0_leaves_every_batch_alone(self) -> None:
        module = self.module(mixup_prob=0.0)
        for batch in range(20):
            assert module._mixed(self.batch, batch) is self.batch

    def test_mixup_prob_1_mixes_every_batch(self) -> None:
        module = self.module(mixup_prob=1.0)
        steps = torch.arange(4.0).view(4, 1, 1, 1)
        shares = set()
        for batch in range(20):
            mixed = module._mixed(Batch(steps, steps, steps.flatten()), batch)
            images, targets = mixed.images, mixed.targets
            assert torch.allclose(images.flatten(), targets), "image and target mix alike"
            assert targets.sum() == pytest.approx(6), "every film is a partner once"
            shares.add(tuple(targets.tolist()))
        assert len(shares) > 10, "each batch in its own way"

    def test_mixup_prob_is_the_share_of_batches_that_are_mixed(self) -> None:
        module = self.module(mixup_prob=0.3)
        batches = [module._mixed(self.batch, batch) for batch in range(600)]
        mixed = sum(batch is not self.batch for batch in batches)
        assert mixed / 600 == pytest.approx(0.3, abs=0.06)

    @pytest.mark.parametrize(("alpha", "strong"), [(0.1, 0.12), (1.0, 0.6), (20.0, 1.0)])
    def test_mixup_alpha_says_how_strongly(self, alpha: float, strong: float) -> None:
        """The share of batches that are mixed between 20 and 80 per cent, by the beta law."""
        module = self.module(mixup_prob=1.0, mixup_alpha=alpha)
        pair = torch.tensor([0.0, 1.0])
        images = pair.view(2, 1, 1, 1)
        plain = Batch(images, images, pair)
        between = [float(module._mixed(plain, batch).targets[0]) for batch in range(800)]
        swapped = [share for share in between if 0 < share < 1]
        assert sum(0.2 <= share <= 0.8 for share in swapped) / len(swapped) == pytest.approx(
            strong, abs=0.08
        )

    def test_a_batch_is_mixed_alike_whenever_it_comes(self) -> None:
        one, other = (self.module(mixup_prob=1.0, seed=5) for _ in range(2))
        other._mixed(self.batch, 0)
        first, second = (module._mixed(self.batch, 7).images for module in (one, other))
        assert torch.equal(first, second)

    def test_a_mix_has_the_lungs_of_both_films(self) -> None:
        one_lung = torch.eye(4).view(4, 1, 2, 2)
        module = self.module(mixup_prob=1.0)
        mixed = module._mixed(Batch(self.images, one_lung, self.targets), 0)
        assert all(torch.all(mixed.lungs[place] >= one_lung[place]) for place in range(4))
        assert set(mixed.lungs.sum((1, 2, 3)).tolist()) <= {1.0, 2.0}
        assert mixed.lungs.sum() > 4


def command(data: Path, results: Path, *more: str) -> list[str]:
    """A command line that trains for an epoch."""
    settings = {
        "--data": data,
        "--results": results,
        "--architecture": STAND_IN,
        "--size-px": 32,
        "--epochs": 1,
        "--batch-size": 4,
        "--folds": 3,
        "--accelerator": "cpu",
    }
    pairs = [str(part) for pair in settings.items() for part in pair]
    return ["one", *pairs, *more]


class TestCommandLine:
    def test_it_trains_and_says_where_the_run_is(
        self, tiny_data: Path, results: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(command(tiny_data, results, "--mixup-prob", "0.25")) == 0
        last_line = capsys.readouterr().out.splitlines()[-1]
        assert last_line == f"The run is in {results / 'runs' / 'one'}"
        config = read_run(results / "runs" / "one").summary["config"]
        assert (config["mixup_prob"], config["batch_size"]) == (0.25, 4)

    @pytest.mark.parametrize(
        "wrong",
        [
            ("--mixup-prob", "1.5"),
            ("--mixup-prob", "nan"),
            ("--mixup-prob", "often"),
            ("--mixup-alpha", "0"),
            ("--epochs", "0"),
            ("--patience", "0"),
            ("--batch-size", "0"),
            ("--size-px", "16"),
            ("--learning-rate", "-1"),
            ("--warmup-share", "1"),
            ("--folds", "1"),
            ("--fold", "3"),
            ("--fold", "-1"),
            ("--seed", "-1"),
            ("--ema-decay", "2"),
            ("--architecture", "resnet19"),
            ("--augmentation", "wild"),
            ("--balance", "scales"),
            ("--accelerator", "abacus"),
            ("--precision", "enough"),
            ("--devices", "0"),
            ("--machines", "0"),
            ("--workers", "1"),
            ("--map-stride-px", "24"),
            ("--framing", "ribs"),
            ("--pooling", "max"),
            ("--schedule", "steps"),
            ("--trained-layers", "-1"),
            ("--without-series", "X"),
            ("--validate-every", "0"),
            ("--least-crop", "1.5"),
            ("--architecture", "vit_small", "--init", "imagenet"),
            ("--colour", "red"),
        ],
    )
    def test_a_wrong_setting_is_wrong_usage(
        self,
        tiny_data: Path,
        results: Path,
        capsys: pytest.CaptureFixture[str],
        wrong: tuple[str, ...],
    ) -> None:
        with pytest.raises(SystemExit) as stopped:
            main(command(tiny_data, results, *wrong))
        assert stopped.value.code == 2
        assert "error:" in capsys.readouterr().err
        assert not results.exists()

    def test_a_device_that_is_not_there_is_wrong_usage(
        self,
        tiny_data: Path,
        results: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        with pytest.raises(SystemExit) as stopped:
            main(command(tiny_data, results, "--accelerator", "gpu", "--devices", "99"))
        assert stopped.value.code == 2
        assert "this machine cannot do that" in capsys.readouterr().err

    def test_a_failure_is_a_message_and_no_traceback(
        self, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        broken = draw_data_folder(tmp_path / "broken", {"train": 8}, patient_name)
        (broken / "train" / "NORMAL" / "text.png").write_text("no film")
        few = draw_data_folder(tmp_path / "few", {"train": 2}, patient_name)
        blocked = tmp_path / "blocked"
        blocked.touch()
        for told, arguments in {
            "does not exist": command(tmp_path / "nowhere", tmp_path / "r"),
            "text.png cannot be read": command(broken, tmp_path / "r"),
            "1 patients with a NORMAL film": command(few, tmp_path / "r"),
            "nowhere.safetensors is missing": command(
                tiny_data, tmp_path / "r1", "--init", "nowhere.safetensors"
            ),
            f"does not hold weights of {STAND_IN}": command(
                tiny_data, tmp_path / "r2", "--init", str(broken / "train/NORMAL/text.png")
            ),
            "Not a directory": command(tiny_data, blocked),
        }.items():
            assert main(arguments) == 1
            printed = capsys.readouterr()
            assert printed.out == ""
            assert printed.err.startswith("error: ")
            assert told in printed.err
            assert "Traceback" not in printed.err

    def test_without_a_data_folder_it_asks_for_one(
        self, results: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CHEST_XRAY_DIR", str(results / "nowhere"))
        assert main(["one", "--results", str(results)]) == 1
        assert "CHEST_XRAY_DIR" in capsys.readouterr().err

    def test_a_test_folder_is_not_needed_and_never_read(
        self, results: Path, tmp_path: Path
    ) -> None:
        data = draw_data_folder(tmp_path / "data", {"train": 8}, patient_name)
        (data / "test" / "NORMAL").mkdir(parents=True)
        (data / "test" / "NORMAL" / "no film.png").write_text("no film")
        draw_film(data / "pred" / "someone.png", 1)
        assert main(command(data, results)) == 0
        images = read_run(results / "runs" / "one").predictions["image"]
        assert images.str.startswith("train/").all()


class TestManyProcesses:
    @pytest.mark.filterwarnings("ignore:GPU available but not used")
    def test_each_process_of_each_machine_has_a_hand_of_its_own(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two machines with two processes each; ``LOCAL_RANK`` alone would deal machine 1 the
        films of machine 0.
        """
        records = [
            Record(str(n), "train", (Label.NORMAL, Label.PNEUMONIA)[n % 2], str(n), str(n))
            for n in range(16)
        ]
        records.append(replace(records[0], split="validation"))
        pixels = np.zeros((17, 8, 8), np.uint8)
        films = Films(tuple(records), pixels, pixels, np.ones(17, np.float32))
        hands = set()
        for machine in ("0", "1"):
            for process in ("0", "1"):
                monkeypatch.setenv("NODE_RANK", machine)
                monkeypatch.setenv("LOCAL_RANK", process)
                module: Any = FilmsDataModule(films, TrainConfig(batch_size=8))
                module.trainer = pl.Trainer(
                    accelerator="cpu", devices=2, num_nodes=2, strategy="ddp", logger=False
                )
                loader = module.train_dataloader()
                assert loader.batch_size == 2, "the batch is over all processes"
                hands.add(tuple(loader.sampler))
        assert len(hands) == 4
        assert sorted(key for hand in hands for key in hand) == list(range(16))

    def test_two_machines_train_one_network(
        self, tiny_data: Path, results: Path, app_python: ForkServerContext
    ) -> None:
        """DDP for real, over a socket: two processes with the same command, told apart by
        ``NODE_RANK`` as two machines are, meet, train together and write one run.
        """
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        processes = [
            app_python.Process(
                target=train_as_machine,
                args=(rank, port, command(tiny_data, results, "--machines", "2")),
            )
            for rank in ("0", "1")
        ]
        for process in processes:
            process.start()
        try:
            for process in processes:
                process.join(timeout=90)
            assert [process.exitcode for process in processes] == [0, 0]
        finally:
            for process in processes:
                process.kill()
        written = read_run(results / "runs" / "one")
        assert written.history["epoch"].tolist() == [1]
        assert written.history["val_loss"].notna().all()
        assert len(written.predictions) == 8
        assert not any((results / ".running").iterdir())


def train_as_machine(rank: str, port: str, arguments: list[str]) -> None:
    """What one machine of two runs."""
    os.environ.update(NODE_RANK=rank, MASTER_ADDR="127.0.0.1", MASTER_PORT=port)
    torch.set_num_threads(1)
    with in_the_registry(), few_resamples():
        sys.exit(main(arguments))
