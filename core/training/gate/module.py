"""What trains the input gate's network: whether a view is a film, how it lies, and its sign."""

from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.nn import functional
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, Dataset

from core.models.gate import GateNetwork, Reading
from core.training.working import without_noise

NO_TURN = -1
"""The turn of a view that is no film."""


def loss_of(reading: Reading, targets: Tensor) -> Tensor:
    """Cross-entropies of film, turn and inversion; the last two of films alone.

    Args:
        reading: Of B views.
        targets: (B, 3): film (1 or 0), quarter turns (``NO_TURN`` of a non-film), inverted (1 or
            0).
    """
    film, turn, inverted = targets.unbind(1)
    is_film = film > 0
    entropy = functional.binary_cross_entropy_with_logits
    return (
        entropy(reading.film, film)
        + functional.cross_entropy(reading.turn, turn.long(), ignore_index=NO_TURN)
        + entropy(reading.inverted[is_film], inverted[is_film])
    )


class GuardModule(pl.LightningModule):
    """The gate's network with what trains it: all but its early stages, which stay ImageNet's.

    Args:
        network: The network.
        learning_rate: The highest.
    """

    def __init__(self, network: GateNetwork, learning_rate: float) -> None:
        super().__init__()
        self.network, self.learning_rate = network, learning_rate
        network.early.requires_grad_(False)

    def on_train_start(self) -> None:
        """Keep the statistics of the early stages as they are, too."""
        self.network.early.eval()

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """The loss of views (B, 1, 112, 112) with their targets (B, 3)."""
        images, targets = batch
        loss = loss_of(self.network(images), targets)
        self.log("loss", loss, prog_bar=True)
        return loss

    def configure_optimizers(self) -> Any:
        """AdamW under one warm-up and one cosine descent."""
        taught = [part for part in self.network.parameters() if part.requires_grad]
        optimizer = AdamW(taught, self.learning_rate, weight_decay=0.02)
        steps = int(self.trainer.estimated_stepping_batches)
        schedule = OneCycleLR(optimizer, self.learning_rate, steps)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def train_guard(
    views: Dataset[tuple[Tensor, Tensor]],
    batch_size: int,
    learning_rate: float,
    workers: int,
    seed: int,
) -> GateNetwork:
    """Train the gate's network once through the views.

    Args:
        views: Images (1, 112, 112), in [0, 1], with targets (3,), as ``loss_of`` takes them.
        batch_size: Views a step.
        learning_rate: The highest.
        workers: Processes that draw views.
        seed: Of the new weights.

    Returns:
        The network at rest, on the CPU.
    """
    torch.manual_seed(seed)
    network = GateNetwork(imagenet=True).train()
    trainer = pl.Trainer(
        max_epochs=1,
        devices=1,
        gradient_clip_val=1.0,
        logger=False,
        enable_checkpointing=False,
        enable_model_summary=False,
        log_every_n_steps=1,
    )
    with without_noise():
        trainer.fit(
            GuardModule(network, learning_rate),
            DataLoader(views, batch_size, num_workers=workers),
        )
    return network.to("cpu").eval().requires_grad_(False)
