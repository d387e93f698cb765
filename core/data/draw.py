"""Random numbers for one batch, on its device, from one seed."""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Draw:
    """Draws that follow from a seed alone.

    Args:
        seed: Of everything that is drawn, in the order in which it is asked for.
        device: Where tensors are made.
    """

    seed: int
    device: torch.device
    _on_device: torch.Generator = field(init=False, repr=False)
    _of_batch: np.random.Generator = field(init=False, repr=False)

    def __post_init__(self) -> None:
        generator = torch.Generator(self.device).manual_seed(self.seed)
        object.__setattr__(self, "_on_device", generator)
        object.__setattr__(self, "_of_batch", np.random.default_rng(self.seed))

    def between(self, count: int, low: float, high: float) -> Tensor:
        """(count,), uniform."""
        drawn = torch.rand(count, generator=self._on_device, device=self.device)
        return low + (high - low) * drawn

    def chance(self, count: int, probability: float) -> Tensor:
        """(count,), bool: each true with that probability."""
        return torch.rand(count, generator=self._on_device, device=self.device) < probability

    def normal(self, *shape: int) -> Tensor:
        """Of that shape, standard normal."""
        return torch.randn(*shape, generator=self._on_device, device=self.device)

    def order(self, count: int) -> Tensor:
        """(count,), a permutation."""
        return torch.randperm(count, generator=self._on_device, device=self.device)

    def one_between(self, low: float, high: float) -> float:
        """One number for the whole batch, uniform."""
        return float(self._of_batch.uniform(low, high))

    def one_beta(self, alpha: float) -> float:
        """One number for the whole batch, of the beta distribution with equal parameters."""
        return float(self._of_batch.beta(alpha, alpha))

    def sometimes(self, probability: float, changed: Tensor, images: Tensor) -> Tensor:
        """Each image (B, 1, S, S) changed with that probability."""
        chosen = self.chance(len(images), probability)
        return torch.where(chosen.view(-1, 1, 1, 1), changed, images)
