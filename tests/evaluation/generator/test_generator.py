"""The generator: its training, what ships, and how it draws."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from core.data.folder import hold_out, training_pool
from core.data.labels import Label
from core.imaging import read_film_file
from core.messages.errors import RunDiffers, WeightsDamaged, WeightsMissing
from core.models.generator.denoiser import ANY_CLASS, Denoiser
from core.models.generator.flow import follow
from core.models.generator.generator import CARD_NAME, WEIGHTS_NAME, load_generator
from core.training.generator.denoiser import DenoiserModule
from core.training.generator.train import GeneratorConfig, train_generator
from tests.evaluation.generator.conftest import CONFIG, Trained
from tests.support.runs import PowerCut

LARGEST_MB = 30


class TestTraining:
    def test_what_ships_is_half_precise_small_and_the_cards_own(self, trained: Trained) -> None:
        file = trained.weights / WEIGHTS_NAME
        assert file.stat().st_size < LARGEST_MB * 2**20
        assert {part.dtype for part in load_file(file).values()} == {torch.float16}
        card, generator = load_generator(trained.weights)
        assert card == trained.card
        assert card.parameters == sum(part.numel() for part in generator.parameters())

    def test_held_out_patients_are_not_trained_on(self, trained: Trained) -> None:
        records = hold_out(training_pool(trained.data), CONFIG.folds, CONFIG.fold, 0)
        assert trained.card.films == sum(record.split == "train" for record in records) == 16

    def test_it_leaves_histories_and_sheets_that_say_what_they_are(self, trained: Trained) -> None:
        shown = trained.results / "synthetic"
        first, second = (
            pd.read_csv(shown / f"{stage}.csv") for stage in ("autoencoder", "denoiser")
        )
        assert list(first["epoch"]) == list(second["epoch"]) == [1, 2]
        assert first["val_likeness"].notna().all()
        assert second["val_loss"].notna().all()
        sheets = sorted((shown / "sheets").glob("*.png"))
        assert [sheet.stem for sheet in sheets] == ["epoch-0001", "epoch-0002"]
        assert read_film_file(sheets[0]).facts.synthetic
        assert not (trained.results / ".running" / "generator").exists()

    @pytest.mark.parametrize("cut", [(0, 0), (1, 1)])
    def test_an_interrupted_training_ends_as_an_uninterrupted_one(
        self,
        trained: Trained,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        cut: tuple[int, int],
    ) -> None:
        plain = DenoiserModule.training_step

        def training_step(module: DenoiserModule, batch: Any, batch_idx: int) -> Tensor:
            if (module.current_epoch, batch_idx) == cut:
                monkeypatch.setattr(DenoiserModule, "training_step", plain)
                raise PowerCut
            return plain(module, batch, batch_idx)

        monkeypatch.setattr(DenoiserModule, "training_step", training_step)
        with pytest.raises(PowerCut):
            train_generator(trained.data, "0.0.1", CONFIG, tmp_path, tmp_path / "weights")
        other = GeneratorConfig(folds=4)
        with pytest.raises(RunDiffers, match="folds"):
            train_generator(trained.data, "0.0.1", other, tmp_path, tmp_path / "weights")
        card = train_generator(trained.data, "0.0.1", CONFIG, tmp_path, tmp_path / "weights")
        assert card.sha256 == trained.card.sha256

    @pytest.mark.parametrize(
        "wrong", [{"steps": 0}, {"autoencoder_epochs": 0}, {"denoiser_ema_decay": 1.0}]
    )
    def test_settings_check_themselves(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=next(iter(wrong))):
            GeneratorConfig(**wrong)


class TestWeights:
    def test_a_missing_generator_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(WeightsMissing, match=CARD_NAME):
            load_generator(tmp_path)

    def test_a_changed_one_is_refused(self, trained: Trained, tmp_path: Path) -> None:
        card = (trained.weights / CARD_NAME).read_text()
        weights = (trained.weights / WEIGHTS_NAME).read_bytes()
        (tmp_path / CARD_NAME).write_text(card)
        (tmp_path / WEIGHTS_NAME).write_bytes(weights[:-1] + b"x")
        with pytest.raises(WeightsDamaged, match=WEIGHTS_NAME):
            load_generator(tmp_path)
        (tmp_path / CARD_NAME).write_text(json.dumps({"version": "1"}))
        with pytest.raises(WeightsDamaged, match=CARD_NAME):
            load_generator(tmp_path)


class TestDrawing:
    def test_a_film_is_decided_by_class_number_and_seed_alone(self, trained: Trained) -> None:
        generator = load_generator(trained.weights)[1]

        def draw(label: Label, *numbers: int, seed: int = 0) -> np.ndarray:
            return generator.draw(label, numbers, seed, steps=2, guidance=1.5)

        two = draw(Label.NORMAL, 0, 1)
        assert two.shape == (2, 128, 128)
        assert two.dtype == np.uint8
        alone = draw(Label.NORMAL, 1)[0].astype(int)
        assert abs(two[1].astype(int) - alone).max() <= 1  # batches round otherwise
        for other in (two[:1], draw(Label.PNEUMONIA, 1), draw(Label.NORMAL, 1, seed=1)):
            assert abs(other[0].astype(int) - alone).max() > 10

    @pytest.mark.parametrize(("guidance", "expected"), [(1.0, 2.0), (1.5, 2.5)])
    def test_a_steady_velocity_is_followed_and_guidance_exaggerates_the_class(
        self, guidance: float, expected: float
    ) -> None:
        def steady(latents: Tensor, times: Tensor, labels: Tensor, mirrored: Tensor) -> Tensor:
            assert not mirrored.any()
            return torch.where(labels == ANY_CLASS, 1.0, 2.0)[:, None, None, None] + 0 * latents

        noise = torch.randn(2, 4, 16, 16)
        latents = follow(steady, noise, torch.tensor([0, 1]), steps=3, guidance=guidance)  # type: ignore[arg-type]
        torch.testing.assert_close(latents, noise + expected)

    def test_the_denoiser_looks_at_class_side_and_time(self) -> None:
        torch.manual_seed(0)
        network = Denoiser().eval()
        for part in network.parameters():  # what begins at zero would hide the rest
            torch.nn.init.normal_(part, std=0.05)
        latents, zero, one = torch.randn(1, 4, 16, 16), torch.tensor([0]), torch.tensor([1])
        half = torch.tensor([0.5])
        base = network(latents, half, zero, zero)
        for other in (
            network(latents, half, one, zero),
            network(latents, half, zero, one),
            network(latents, half / 2, zero, zero),
        ):
            assert (other - base).abs().max() > 1e-4
