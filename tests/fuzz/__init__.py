"""Fuzzing: files broken on purpose, and what the readers make of them."""
