"""Training: the runs in progress, read from their folders."""

from core.ui.training.runs import show_training

show_training()
