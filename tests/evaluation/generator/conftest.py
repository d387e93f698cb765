"""A tiny generator, trained for real on phantoms."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from core.models.generator.generator import GeneratorCard
from core.training.generator.train import GeneratorConfig, train_generator

CONFIG = GeneratorConfig(
    autoencoder_epochs=2,
    denoiser_epochs=2,
    autoencoder_batch=8,
    denoiser_batch=16,
    autoencoder_ema_decay=0.5,
    denoiser_ema_decay=0.5,
    steps=2,
    folds=3,
)


@dataclass(frozen=True)
class Trained:
    """A generator and where it was made."""

    data: Path
    results: Path
    weights: Path
    card: GeneratorCard


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Compute on one thread, so that two trainings give the same bits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def trained(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A generator of phantoms; what it draws is no film yet."""
    results = tmp_path_factory.mktemp("results")
    weights = results / "weights"
    card = train_generator(tiny_data, "0.0.1", CONFIG, results, weights)
    return Trained(tiny_data, results, weights, card)
