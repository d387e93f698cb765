"""Distillation: teachers take the labels' place, and nothing of them stays behind."""

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from core.data.films import Films
from core.evaluation.finished_runs import run_network
from core.messages.errors import HeldOutDiffers, RunMissing
from core.results.runs import read_run
from core.training.classifier.config import TrainConfig
from core.training.classifier.data_module import Batch, FilmsDataModule
from core.training.classifier.module import PneumoniaModule
from tests.support.runs import PowerCut, assert_same_run, cut_power, run

pytestmark = pytest.mark.usefixtures("tiny_network")

TEACHERS = "wise+old"


@pytest.fixture(scope="module")
def results(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results with two runs to learn from, of different input sizes and without dropout."""
    folder = tmp_path_factory.mktemp("taught") / "results"
    for name, size_px in (("wise", 32), ("old", 48)):
        run(tiny_data, folder, name=name, size_px=size_px, epochs=1, seed=size_px, dropout=0.0)
    return folder


def with_labels_exchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every film that is trained on have the other label; validation keeps its own."""
    honest = FilmsDataModule.__init__

    def exchanged(module: FilmsDataModule, films: Films, config: TrainConfig) -> None:
        honest(module, films, config)
        module.stores[0].targets = 1 - module.stores[0].targets

    monkeypatch.setattr(FilmsDataModule, "__init__", exchanged)


def test_labels_have_no_part_in_what_a_student_learns(
    tiny_data: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught = {"teacher": TEACHERS, "epochs": 2}
    student = run(tiny_data, results, name="student", **taught)
    pupil = run(tiny_data, results, name="pupil", epochs=1)
    with_labels_exchanged(monkeypatch)
    assert_same_run(student, run(tiny_data, results, name="student-2", **taught))
    pupils = [read_run(pupil), read_run(run(tiny_data, results, name="pupil-2", epochs=1))]
    losses = {float(one.history["train_loss"][0]) for one in pupils}
    assert len(losses) == 2, "without a teacher they do"


def test_a_student_cut_in_mid_epoch_ends_like_one_that_was_not(
    tiny_data: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught = {"teacher": TEACHERS, "epochs": 2}
    whole = run(tiny_data, results, name="whole", **taught)
    cut_power(monkeypatch, epoch=1, step=2)
    with pytest.raises(PowerCut):
        run(tiny_data, results, name="cut", **taught)
    left = torch.load(results / ".running" / "cut" / "last.ckpt", weights_only=True)
    assert left["state_dict"]
    assert not any("teacher" in name for name in left["state_dict"])
    assert_same_run(whole, run(tiny_data, results, name="cut", **taught))


def test_a_teacher_that_held_out_other_films_is_refused(tiny_data: Path, results: Path) -> None:
    """It has learned from films that the student is validated on."""
    with pytest.raises(HeldOutDiffers, match="wise"):
        run(tiny_data, results, name="fold-1", teacher="wise", fold=1)


def test_start_weights_of_a_run_that_held_out_other_films_are_refused(
    tiny_data: Path, results: Path
) -> None:
    start = str(results / "runs" / "wise" / "weights.safetensors")
    with pytest.raises(HeldOutDiffers, match="wise"):
        run(tiny_data, results, name="started", init=start, fold=1)


def test_a_teacher_that_is_not_there_is_told(tiny_data: Path, results: Path) -> None:
    with pytest.raises(RunMissing, match="nobody"):
        run(tiny_data, results, name="alone", teacher="wise+nobody")


class TestStep:
    """One training step of a student on random films."""

    images = torch.rand(4, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    lungs = torch.zeros(4, 1, 32, 32)
    lungs[:, :, 8:24, 4:28] = 1
    batch = Batch(images, lungs, torch.tensor([0.0, 0.0, 1.0, 1.0]))

    @pytest.fixture
    def module(self, results: Path) -> PneumoniaModule:
        student = run_network("wise", results).train()
        teachers = [
            run_network(name, results).requires_grad_(False) for name in TEACHERS.split("+")
        ]
        config = TrainConfig(teacher=TEACHERS, mixup_prob=0.0, label_smoothing=0.0)
        module = PneumoniaModule(student, config, (1.0, 1.0), teachers=teachers)
        module.log = lambda *_, **__: None
        return module

    def test_the_target_is_the_teachers_mean_probability(self, module: PneumoniaModule) -> None:
        each = [teacher(self.images, self.lungs) for teacher in module.teachers]
        aims = ((each[0] + each[1]) / 2).sigmoid()
        said = module.network(self.images, self.lungs).sigmoid()
        by_hand = [
            -(float(aim) * math.log(ill) + (1 - float(aim)) * math.log(1 - ill))
            for aim, ill in zip(aims, said.tolist(), strict=True)
        ]
        loss = module.training_step(self.batch, 0)
        assert float(loss.detach()) == pytest.approx(sum(by_hand) / 4, abs=1e-5)

    def test_teachers_stay_as_they_are_and_out_of_what_is_kept(
        self, module: PneumoniaModule
    ) -> None:
        def state(network: nn.Module) -> dict[str, Tensor]:
            return {name: tensor.clone() for name, tensor in network.state_dict().items()}

        before = [state(teacher) for teacher in module.teachers]
        module.train()
        module.training_step(self.batch, 0).backward()
        assert all(part.grad is not None for part in module.network.parameters())
        for teacher, was in zip(module.teachers, before, strict=True):
            assert not any(part.training for part in teacher.modules())
            assert all(part.grad is None for part in teacher.parameters())
            assert all(torch.equal(tensor, was[name]) for name, tensor in state(teacher).items())
        assert all(name.startswith("network.") for name in module.state_dict())
        assert len(list(module.parameters())) == len(list(module.network.parameters()))
