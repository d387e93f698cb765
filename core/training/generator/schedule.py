"""The learning rate of the generator's two trainings, a step at a time."""

import math

import pytorch_lightning as pl

WARMUP_SHARE = 0.03


def set_rate(trainer: pl.Trainer, batch_idx: int, highest: float) -> None:
    """Give the optimiser its learning rate of a step: a short rise, then half a cosine to 0."""
    steps = int(trainer.num_training_batches)
    done = (trainer.current_epoch * steps + batch_idx + 1) / (steps * (trainer.max_epochs or 1))
    rise = min(1.0, done / WARMUP_SHARE)
    share = rise * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
    for group in trainer.optimizers[0].param_groups:
        group["lr"] = share * highest
