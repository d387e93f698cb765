"""Films of two dark lungs, and a segmenter that takes what is dark for lung."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.imaging import Film, FilmFacts
from core.inference.lungs import Segmenter
from core.models.lungs_card import LungsCard

LUNG, AROUND = 0.0, 0.9
CHEST = (0.2, 0.25, 0.8, 0.75)
"""Left, top, right and bottom of the lungs together, as shares of the chest."""


class DarkIsLung(nn.Module):
    """Logits of lung of stretched films (B, 1, 224, 224): sure of what is dark."""

    def forward(self, films: Tensor) -> Tensor:
        return 40 * (0.5 - films)


def drawn_segmenter() -> Segmenter:
    """A segmenter that takes what is dark for lung."""
    network: nn.Module = DarkIsLung()
    return Segmenter(LungsCard("0", "0" * 64, 0, 0, 0), network)  # type: ignore[arg-type]


def drawn_chest(height: int, width: int) -> NDArray[np.float32]:
    """Two dark lungs on grey, (height, width), in [0, 1]."""
    chest = np.full((height, width), AROUND, np.float32)
    left, top, right, bottom = CHEST
    rows = slice(round(top * height), round(bottom * height))
    chest[rows, round(left * width) : round(0.45 * width)] = LUNG
    chest[rows, round(0.55 * width) : round(right * width)] = LUNG
    return chest


def film_of(pixels: NDArray[np.float32], name: int = 0) -> Film:
    """A film of these pixels (H, W)."""
    height, width = pixels.shape
    return Film(pixels, f"{name:064x}", FilmFacts("PNG", width, height, bits=8))


def lungs_image(size_px: int) -> Tensor:
    """Lungs (1, 1, size_px, size_px) of a drawn chest, 1 is lung."""
    return torch.from_numpy((drawn_chest(size_px, size_px) == LUNG).astype(np.float32))[None, None]
