"""Data folders: their films, patients and splits, and the training films as tensors."""
