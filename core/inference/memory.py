"""Memory that runs out while a film is read: an error that is told, and the next film goes on."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from core.messages.errors import NoMemory

_TORCH_SAYS = ("not enough memory", "can't allocate memory")
"""Torch has an error of its own for the memory of a GPU alone."""


@contextmanager
def memory_told() -> Iterator[None]:
    """Tell it where memory runs out within.

    Raises:
        NoMemory: It did.
    """
    try:
        yield
    except (MemoryError, torch.OutOfMemoryError):
        raise NoMemory from None
    except RuntimeError as error:
        if any(words in str(error) for words in _TORCH_SAYS):
            raise NoMemory from None
        raise
