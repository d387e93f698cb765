"""The Lightning module: loss, mixup, optimiser and the figures that are logged."""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR
from torchmetrics.classification import BinaryAccuracy, BinaryAUROC

from core.data.dataset import seed_of
from core.data.draw import Draw
from core.data.mixup import mix
from core.models import Network
from core.models.network import chain_of
from core.training.classifier.config import SETTLING, TrainConfig
from core.training.classifier.data_module import Batch
from core.training.depthwise import FastDepthwiseGradients

_SETTLED = 0.05
"""What a settling learning rate comes to, as a share of its peak."""


class PneumoniaModule(pl.LightningModule):
    """A network with everything that trains it.

    The training loss is weighted by class, smoothed and mixed as configured. The validation loss is
    plain cross-entropy on plain films, of logits that hold for their share of pneumonia, and early
    stopping follows it.

    Args:
        network: The network to train.
        config: The run's settings.
        class_weights: Weight of a normal and of a pneumonia film in the training loss.
        prior_shift: What is added to logits before they are judged.
        teachers: Frozen networks, if it is to be distilled from them.
    """

    def __init__(
        self,
        network: Network,
        config: TrainConfig,
        class_weights: tuple[float, float],
        prior_shift: float = 0.0,
        teachers: Sequence[Network] = (),
    ) -> None:
        super().__init__()
        self.teachers = tuple(teachers)  # a tuple, so that checkpoints leave them out
        self.network = network
        self.config = config
        self.class_weights = class_weights
        self.prior_shift = prior_shift
        self.val_accuracy = BinaryAccuracy()
        self.val_auroc = BinaryAUROC()

    def on_fit_start(self) -> None:
        """Lay the weights out for convolutions, which is faster on CPUs and GPUs alike."""
        self.network.to(memory_format=torch.channels_last)
        for teacher in self.teachers:
            teacher.to(self.device).to(memory_format=torch.channels_last)

    def on_train_epoch_start(self) -> None:
        """Keep frozen layers at rest, their running statistics too."""
        for layer in self.frozen:
            layer.eval().requires_grad_(False)

    @property
    def frozen(self) -> tuple[nn.Module, ...]:
        """The layers that are not trained: all of the features but the last ones."""
        count = self.config.trained_layers
        return chain_of(self.network.features)[:-count] if count else ()

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The training loss of a batch.

        Dropout is tied to the step, so that a resumed run drops what it would have dropped.
        """
        torch.manual_seed(self._seed(1, batch_idx))
        images, lungs, targets = self._mixed(batch, batch_idx)
        if self.teachers:
            targets = self._taught(images, lungs)
        smoothing = self.config.label_smoothing
        soft = targets * (1 - smoothing) + smoothing / 2
        normal, pneumonia = self.class_weights
        weights = normal + (pneumonia - normal) * targets
        with FastDepthwiseGradients():
            logits = self.network(images.contiguous(memory_format=torch.channels_last), lungs)
        loss = binary_cross_entropy_with_logits(logits.float(), soft, weights)
        self.log("train_loss", loss, on_step=False, on_epoch=True, sync_dist=True)
        return loss

    def _taught(self, images: Tensor, lungs: Tensor) -> Tensor:
        """The teachers' mean probability of the very images that the student sees: (B,).

        Teacher and student see the same crop and the same mix, and labels have no part (Beyer et
        al., CVPR 2022, https://arxiv.org/abs/2106.05237).
        """
        laid_out = images.contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            each = [teacher(laid_out, lungs).float() for teacher in self.teachers]
        return torch.stack(each).mean(0).sigmoid()

    def _seed(self, purpose: int, batch_idx: int) -> int:
        return seed_of(self.config.seed, purpose, self.current_epoch, batch_idx, self.global_rank)

    def _mixed(self, batch: Batch, batch_idx: int) -> Batch:
        draw = Draw(self._seed(2, batch_idx), batch.images.device)
        if draw.one_between(0, 1) >= self.config.mixup_prob:
            return batch
        share, order = draw.one_beta(self.config.mixup_alpha), draw.order(len(batch.images))
        images, targets = mix(batch.images, batch.targets, share, order)
        return Batch(images, torch.maximum(batch.lungs, batch.lungs[order]), targets)

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Log plain cross-entropy, accuracy at 0.5 and AUROC of plain films."""
        images, lungs, targets = batch
        logits = self.network(images.contiguous(memory_format=torch.channels_last), lungs).float()
        logits = logits + self.prior_shift
        loss = binary_cross_entropy_with_logits(logits, targets)
        self.val_accuracy.update(logits.sigmoid(), targets.int())
        self.val_auroc.update(logits.sigmoid(), targets.int())
        size = len(targets)
        self.log("val_loss", loss, prog_bar=True, batch_size=size, sync_dist=True)
        self.log("val_accuracy", self.val_accuracy, batch_size=size)
        self.log("val_auroc", self.val_auroc, prog_bar=True, batch_size=size)

    def on_before_optimizer_step(self, optimizer: Any) -> None:
        """Clip to norm 1, which Lightning refuses to do for an optimiser fused into one call."""
        nn.utils.clip_grad_norm_(self.parameters(), 1.0)

    def configure_optimizers(self) -> Any:
        """AdamW, without decay on biases and norms, under one warm-up and the schedule."""
        still = {part for layer in self.frozen for part in layer.parameters()}
        trained = [part for part in self.network.parameters() if part not in still]
        decayed = [part for part in trained if part.ndim > 1]
        others = [part for part in trained if part.ndim <= 1]
        optimizer = AdamW(
            [
                {"params": decayed, "weight_decay": self.config.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=self.config.learning_rate,
            fused=True,
        )
        steps = int(self.trainer.estimated_stepping_batches)
        schedule: LRScheduler
        if self.config.schedule == SETTLING:
            fall = round(steps * self.config.decay_epochs / self.config.epochs)
            rise = max(1, round(self.config.warmup_share * fall))
            schedule = LambdaLR(optimizer, partial(settling, rise=rise, fall=fall))
        else:
            schedule = OneCycleLR(
                optimizer,
                max_lr=self.config.learning_rate,
                total_steps=steps,
                pct_start=self.config.warmup_share,
                cycle_momentum=False,
            )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def settling(step: int, rise: int, fall: int) -> float:
    """A settling learning rate at a step, as a share of its peak.

    Args:
        step: From 0.
        rise: Steps in which it rises, at least one.
        fall: The step from which on it stays.
    """
    if step < rise:
        return (step + 1) / rise
    done = min(1.0, (step - rise) / max(1, fall - rise))
    return _SETTLED + (1 - _SETTLED) * (1 + math.cos(math.pi * done)) / 2
