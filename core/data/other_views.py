"""What is no single frontal chest film and looks much like one: films of two, and lateral views.

A film of two is made from two films; a lateral view is drawn, for the films at hand hold none. They
teach the population reader what it must not take for a child's or an adult's film.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from torch import Tensor
from torch.nn.functional import pad

from core.imaging.preprocess import FILM_SIZE_PX, resize


def film_of_two(films: Sequence[Tensor], random: np.random.Generator) -> Tensor:
    """Two films on one canvas, side by side or one above the other, with or without a gap.

    Args:
        films: Two of (C, H, W), in [0, 1], of one size; the first channel is the film, and what
            others there are, such as the lungs, go the same way.
        random: Random numbers.

    Returns:
        (C, 224, 224), in [0, 1].
    """
    along = 2 if random.random() < 0.7 else 1
    parts = list(films)
    if random.random() < 0.5:
        gap, grey = int(random.integers(2, 24)), float(random.choice([0.0, 0.0, 0.5, 1.0]))
        between = torch.zeros_like(parts[0]).narrow(along, 0, gap)
        between[0] = grey
        parts.insert(1, between)
    canvas = torch.cat(parts, along)
    if random.random() < 0.5:  # the canvas keeps the films' proportions, on black
        side = max(canvas.shape[-2:])
        high, wide = (side - length for length in canvas.shape[-2:])
        canvas = pad(canvas, (wide // 2, wide - wide // 2, high // 2, high - high // 2))
    return resize(canvas, FILM_SIZE_PX).clamp(0, 1)


def lateral(random: np.random.Generator) -> Tensor:
    """A drawn lateral chest: spine behind, heart in front, one lung over the other.

    Returns:
        (2, 224, 224), float32, in [0, 1]: the film, and its lungs.
    """
    axis = np.linspace(-1, 1, FILM_SIZE_PX)
    y, x = np.meshgrid(axis, axis, indexing="ij")
    wide, high = random.uniform(0.55, 0.8), random.uniform(0.9, 1.3)
    lean = random.uniform(-0.15, 0.15)
    front = x - lean * y
    body = (np.abs(front / wide) ** 2.4 + np.abs(y / high) ** 4 < 1).astype(float)
    film = body * random.uniform(0.5, 0.7)
    dome = random.uniform(0.25, 0.6) + 0.25 * (front / wide + random.uniform(-0.3, 0.3)) ** 2
    apex = random.uniform(-0.85, -0.65)
    chest = _soft(1 - np.hypot(front / (0.82 * wide), (y - apex * 0.1) / 0.95), 14)
    lung = chest * _soft(dome - y, 18) * _soft(y - apex, 10)
    film -= random.uniform(0.25, 0.42) * lung
    film += _heart(front, y, wide, random) * body + _spine(front, y, wide, random) * body
    film += _ribs(front, y, random) * lung
    film += random.uniform(0.1, 0.25) * _soft(-0.55 - y + 0.3 * front, 8) * body  # the shoulders
    film += random.normal(0, random.uniform(0.005, 0.03), film.shape)
    film = gaussian_filter(film, random.uniform(0.5, 2.5))
    low, top = film.min(), film.max()
    bent = ((film - low) / (top - low)) ** random.uniform(0.6, 1.5)
    both = torch.from_numpy(np.stack((bent, lung))).float()
    return both if random.random() < 0.5 else both.flip(-1)


def _soft(inside: NDArray[np.float64], steep: float) -> NDArray[np.float64]:
    """1 where a value is well over 0, 0 where it is well under."""
    return 1 / (1 + np.exp(-np.clip(steep * inside, -40, 40)))


def _heart(
    front: NDArray[np.float64],
    y: NDArray[np.float64],
    wide: float,
    random: np.random.Generator,
) -> NDArray[np.float64]:
    x0, y0 = -wide * random.uniform(0.2, 0.5), random.uniform(0.05, 0.3)
    size = random.uniform(0.22, 0.38)
    heart: NDArray[np.float64] = random.uniform(0.12, 0.3) * _soft(
        1 - np.hypot((front - x0) / size, (y - y0) / (size * random.uniform(0.9, 1.4))), 8
    )
    return heart


def _spine(
    front: NDArray[np.float64],
    y: NDArray[np.float64],
    wide: float,
    random: np.random.Generator,
) -> NDArray[np.float64]:
    place = wide * random.uniform(0.55, 0.75) - random.uniform(0, 0.2) * (y**2)
    thick = random.uniform(0.07, 0.13)
    bodies = 0.75 + 0.25 * np.sign(np.sin(y * random.uniform(16, 26) + random.uniform(0, 6)))
    spine: NDArray[np.float64] = (
        random.uniform(0.12, 0.3) * bodies * _soft(1 - np.abs(front - place) / thick, 10)
    )
    return spine


def _ribs(
    front: NDArray[np.float64], y: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.float64]:
    slope, many = random.uniform(0.3, 0.9), random.uniform(14, 26)
    waves = np.sin(many * (y - slope * front + 0.3 * front**2) + random.uniform(0, 6))
    ribs: NDArray[np.float64] = random.uniform(0.03, 0.09) * waves
    return ribs
