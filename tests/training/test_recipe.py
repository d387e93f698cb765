"""What the settings of a run do: frozen layers, schedules, a series left out, validations apart."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from core.data.folder import Record
from core.data.labels import CLASSES, Label
from core.results.runs import TEST_LOGITS, read_run
from core.training.classifier.config import TrainConfig
from core.training.classifier.data_module import Batch, class_weights, prior_shift, trained_films
from core.training.classifier.films import films_of_run
from core.training.classifier.module import PneumoniaModule, settling
from core.training.classifier.run import train
from tests.support.runs import ON_CPU, SETTINGS, PowerCut, assert_same_run, cut_power, run

pytestmark = pytest.mark.usefixtures("tiny_network")


class TestFrozenLayers:
    def test_they_do_not_move_and_neither_do_their_running_statistics(
        self, tiny_data: Path, tmp_path: Path
    ) -> None:
        start = run(tiny_data, tmp_path, name="start", epochs=1)
        init = str(start / "weights.safetensors")
        later = run(tiny_data, tmp_path, name="later", init=init, trained_layers=1, epochs=2)
        before, after = (load_file(each / "weights.safetensors") for each in (start, later))
        frozen = [name for name in before if name.startswith("features.")]
        assert len(frozen) == 7, "a convolution and a batch norm"
        assert all(torch.equal(before[name], after[name]) for name in frozen)
        moved = [name for name in before if name not in frozen]
        assert moved
        assert all(not torch.equal(before[name], after[name]) for name in moved)

    def test_without_the_setting_all_move(self, tiny_data: Path, tmp_path: Path) -> None:
        start = run(tiny_data, tmp_path, name="start", epochs=1)
        init = str(start / "weights.safetensors")
        later = run(tiny_data, tmp_path, name="later", init=init, epochs=1)
        before, after = (load_file(each / "weights.safetensors") for each in (start, later))
        assert all(not torch.equal(before[name], after[name]) for name in before)


def rates(folder: Path) -> list[float]:
    """The learning rate at the end of each epoch."""
    return [float(rate) for rate in read_run(folder).history["learning_rate"]]


class TestSchedule:
    def test_a_cosine_falls_to_zero(self, tiny_data: Path, tmp_path: Path) -> None:
        seen = rates(run(tiny_data, tmp_path, epochs=4, warmup_share=0.25))
        assert seen == sorted(seen, reverse=True)
        assert seen[-1] < 0.05 * seen[0]

    def test_a_settling_rate_falls_and_stays(self, tiny_data: Path, tmp_path: Path) -> None:
        seen = rates(run(tiny_data, tmp_path, epochs=4, schedule="settling", decay_epochs=2))
        assert seen[1:] == pytest.approx([0.05 * 0.01] * 3)
        assert seen[0] > 3 * seen[1]

    def test_a_settling_rate_rises_first(self) -> None:
        shares = [settling(step, rise=4, fall=20) for step in range(30)]
        assert shares[:5] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])
        assert shares[4:21] == sorted(shares[4:21], reverse=True)
        assert shares[20:] == pytest.approx([0.05] * 10)

    @pytest.mark.parametrize(("schedule", "epochs"), [("cosine", 2), ("settling", 5)])
    def test_patience_counts_only_once_the_rate_has_settled(
        self,
        tiny_data: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        schedule: str,
        epochs: int,
    ) -> None:
        def rising(module: PneumoniaModule, batch: Batch, batch_idx: int) -> None:
            module.log("val_loss", float(module.current_epoch), batch_size=1)

        monkeypatch.setattr(PneumoniaModule, "validation_step", rising)
        settings = {"schedule": schedule, "decay_epochs": 4, "patience": 1, "epochs": 6}
        assert len(rates(run(tiny_data, tmp_path, **settings))) == epochs

    def test_a_settling_run_cut_in_mid_epoch_ends_like_one_that_was_not(
        self, tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings = {
            "schedule": "settling",
            "decay_epochs": 1,
            "validate_every": 2,
            "epochs": 4,
        }
        whole = run(tiny_data, tmp_path / "whole", **settings)
        cut_power(monkeypatch, epoch=3, step=1)
        with pytest.raises(PowerCut):
            run(tiny_data, tmp_path / "cut", **settings)
        assert_same_run(whole, run(tiny_data, tmp_path / "cut", **settings))


def test_validations_can_be_apart(tiny_data: Path, tmp_path: Path) -> None:
    history = read_run(run(tiny_data, tmp_path, epochs=4, validate_every=2)).history
    assert history["epoch"].tolist() == [1, 2, 3, 4]
    assert history["val_loss"].notna().tolist() == [False, True, False, True]
    assert history["train_loss"].notna().all()


class TestSeries:
    RECORDS = tuple(
        Record(f"{patient}-{number}", split, label, patient, "")
        for label, patients in (
            (Label.NORMAL, ("IM-0001", "NORMAL2-IM-0002", "IM-0003")),
            (Label.PNEUMONIA, ("person1", "person2", "person3")),
        )
        for patient in patients
        for number in range(4)
        for split in ("train" if number < 3 else "validation",)
    )

    @pytest.mark.parametrize(("series", "left"), [("none", 9), ("IM", 3), ("NORMAL2-IM", 6)])
    def test_normals_of_a_series_are_left_out_of_training_alone(
        self, series: str, left: int
    ) -> None:
        used = trained_films(self.RECORDS, TrainConfig(without_series=series))
        labels = [self.RECORDS[place].label for place in used]
        assert labels.count(Label.NORMAL) == left
        assert labels.count(Label.PNEUMONIA) == 9
        assert all(self.RECORDS[place].split == "train" for place in used)

    def test_class_weights_and_logits_count_what_is_trained_on(self) -> None:
        config = TrainConfig(without_series="IM", balance="loss")
        normal, pneumonia = class_weights(self.RECORDS, config)
        assert normal * 3 == pytest.approx(pneumonia * 9)
        unbalanced = TrainConfig(without_series="IM", balance="none")
        assert prior_shift(self.RECORDS, unbalanced) == pytest.approx(
            -torch.tensor(3.0).log().item()
        )
        assert prior_shift(self.RECORDS, config) == 0

    def test_a_run_without_a_series_says_so(self, tiny_data: Path, tmp_path: Path) -> None:
        folder = run(tiny_data, tmp_path, without_series="NORMAL2-IM", epochs=1)
        assert read_run(folder).summary["data"]["splits"]["train"]["NORMAL"] == 8


@pytest.mark.parametrize(
    "settings",
    [
        {"framing": "film", "pooling": "mean", "map_stride_px": 32},
        {"framing": "lungs_proportions", "pooling": "lungs", "map_stride_px": 32},
        {"framing": "lungs_dark", "pooling": "mean", "map_stride_px": 16},
    ],
)
def test_framing_pooling_and_stride_are_trained(
    tiny_data: Path, tmp_path: Path, settings: dict[str, Any]
) -> None:
    summary = read_run(run(tiny_data, tmp_path, epochs=1, **settings)).summary
    assert {name: summary["config"][name] for name in settings} == settings


def test_test_films_are_read_where_asked_and_never_trained_on(
    tiny_data: Path, tmp_path: Path
) -> None:
    config = TrainConfig(**{**SETTINGS, "epochs": 1})
    plain = train(films_of_run(tiny_data, config, tmp_path), "plain", config, ON_CPU, tmp_path)
    films = films_of_run(tiny_data, config, tmp_path, test_films=True)
    read = train(films, "read", config, ON_CPU, tmp_path, test_logits=True)
    assert_same_run(plain, read)
    assert not (plain / TEST_LOGITS).exists()
    lines = (read / TEST_LOGITS).read_text().splitlines()
    assert lines[0] == "image,logit"
    assert len(lines) == 1 + 3 * len(CLASSES)
