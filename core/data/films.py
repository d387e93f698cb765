"""The films of a training or a measurement, in memory, with their lungs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.data.folder import Record
from core.imaging.framings import Framed, frame


@dataclass(frozen=True, slots=True)
class Films:
    """Squashed films and where their lungs are.

    Args:
        records: What is known of the N films.
        pixels: (N, 224, 224), uint8, 0 black to 255 white.
        lungs: (N, 224, 224), uint8: the probability of lung times 255.
        proportions: (N,), float32: width over height of each film before it was squashed.
    """

    records: tuple[Record, ...]
    pixels: NDArray[np.uint8]
    lungs: NDArray[np.uint8]
    proportions: NDArray[np.float32]

    def __post_init__(self) -> None:
        lengths = {len(part) for part in (self.records, self.pixels, self.lungs, self.proportions)}
        if len(lengths) > 1:
            raise ValueError(f"records, pixels, lungs and proportions differ in number: {lengths}")

    def __len__(self) -> int:
        return len(self.records)

    def some(self, places: Sequence[int]) -> "Films":
        """The films at these places, in that order."""
        return Films(
            tuple(self.records[place] for place in places),
            self.pixels[list(places)],
            self.lungs[list(places)],
            self.proportions[list(places)],
        )

    def of_split(self, *splits: str) -> "Films":
        """The films of some splits."""
        return self.some([i for i, record in enumerate(self.records) if record.split in splits])

    def tensors(self) -> tuple[Tensor, Tensor, Tensor]:
        """Films and lungs, (N, 1, 224, 224), uint8, and proportions, (N,), float32."""
        return (
            torch.from_numpy(self.pixels)[:, None],
            torch.from_numpy(self.lungs)[:, None],
            torch.from_numpy(self.proportions),
        )

    def framed(self, framing: str, places: slice, device: torch.device) -> Framed:
        """Some of the films as a network reads them.

        Args:
            framing: One of ``core.imaging.framings.FRAMINGS``.
            places: Which films.
            device: Where they are put.
        """
        pixels, lungs, proportions = (part[places].to(device) for part in self.tensors())
        return frame(framing, pixels.float() / 255, lungs.float() / 255, proportions)


def joined(*parts: Films) -> Films:
    """Several sets of films as one, in that order."""
    return Films(
        tuple(record for part in parts for record in part.records),
        np.concatenate([part.pixels for part in parts]),
        np.concatenate([part.lungs for part in parts]),
        np.concatenate([part.proportions for part in parts]),
    )
