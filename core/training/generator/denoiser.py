"""What trains the generator's denoiser."""

from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.optim import AdamW

from core.data.dataset import seed_of
from core.models.generator.denoiser import Denoiser
from core.models.generator.flow import flow_loss
from core.training.generator.schedule import set_rate


class DenoiserModule(pl.LightningModule):
    """The denoiser with what trains it.

    Args:
        network: The denoiser.
        learning_rate: The highest.
        seed: Of everything random.
    """

    def __init__(self, network: Denoiser, learning_rate: float, seed: int) -> None:
        super().__init__()
        self.network, self.learning_rate, self.seed = network, learning_rate, seed

    def on_fit_start(self) -> None:
        """Lay the weights out for convolutions, which is faster on CPUs and GPUs alike."""
        self.network.to(memory_format=torch.channels_last)

    def training_step(self, batch: tuple[Tensor, ...], batch_idx: int) -> Tensor:
        """The loss of latents (B, 4, 16, 16) with their classes and sides."""
        torch.manual_seed(seed_of(self.seed, self.current_epoch, batch_idx))
        set_rate(self.trainer, batch_idx, self.learning_rate)
        loss = flow_loss(self.network, *batch)
        self.log("loss", loss, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch: tuple[Tensor, ...], batch_idx: int) -> None:
        """Log the loss of held-out films, with the same noise every time."""
        with torch.random.fork_rng():
            torch.manual_seed(seed_of(self.seed, batch_idx))
            loss = flow_loss(self.network, *batch)
        self.log("val_loss", loss, batch_size=len(batch[0]))

    def configure_optimizers(self) -> Any:
        """AdamW."""
        return AdamW(self.network.parameters(), self.learning_rate, weight_decay=0.01)
