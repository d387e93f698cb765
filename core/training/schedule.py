"""The learning rate of the generator's two trainings."""

import math

import pytorch_lightning as pl

WARMUP_SHARE = 0.03


def cosine(trainer: pl.Trainer, batch_idx: int) -> float:
    """Share of the highest learning rate at a step: a short rise, then half a cosine to 0."""
    steps = int(trainer.num_training_batches)
    done = (trainer.current_epoch * steps + batch_idx + 1) / (steps * (trainer.max_epochs or 1))
    rise = min(1.0, done / WARMUP_SHARE)
    return rise * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
