"""One film in the style of another: its exposure and its shading, not its anatomy.

In the training folder exposure and shading go with the class, since each came from other wards and
years, and a network learns them as if they were signs of disease. A film that takes them from a
film of either class tells it nothing by them.
"""

from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_LOWEST_FREQUENCIES = 2
_GREYS = 256


def exchange(film: Tensor, partner: Tensor, share: float) -> Tensor:
    """A film with another's shading and exposure.

    Shading is the amplitude of the lowest spatial frequencies, the phase staying the film's own
    (Yang and Soatto, CVPR 2020, https://arxiv.org/abs/2004.05498); exposure is the histogram.

    Args:
        film: (1, H, W), float32, in [0, 1].
        partner: (1, H, W), whose style it takes.
        share: How far it goes, from 0 (the film itself) to 1.

    Returns:
        (1, H, W), float32, in [0, 1].
    """
    exchanged = _with_histogram(_with_shading(film, partner), partner)
    return film + share * (exchanged - film)


def _with_shading(film: Tensor, partner: Tensor) -> Tensor:
    rows, columns = (_waves(side) for side in film.shape[-2:])
    own, other = (rows @ image[0].to(rows.dtype) @ columns.T for image in (film, partner))
    change = own * (other.abs() / own.abs().clamp_min(1e-6) - 1)  # (frequencies, frequencies)
    area = film.shape[-2] * film.shape[-1]
    return (film + (rows.mH @ change @ columns.conj()).real / area).clamp(0, 1)


@cache
def _waves(side: int) -> Tensor:
    """(frequencies, side), complex64: the lowest waves of the Fourier transform, both signs."""
    frequency = torch.arange(-_LOWEST_FREQUENCIES, _LOWEST_FREQUENCIES + 1)
    angle = -2 * torch.pi * frequency[:, None] * torch.arange(side) / side
    return torch.polar(torch.ones_like(angle), angle)


def _with_histogram(film: Tensor, partner: Tensor) -> Tensor:
    greys = (film * (_GREYS - 1)).round().to(torch.uint8).numpy()
    own, other = _counts(greys), _counts((partner * (_GREYS - 1)).round().to(torch.uint8).numpy())
    middle = (own.cumsum() - own / 2) / own.sum()  # the rank of every grey value
    curve = np.interp(middle, other.cumsum() / other.sum(), np.arange(_GREYS)) / (_GREYS - 1)
    return torch.from_numpy(curve.astype(np.float32)[greys])


def _counts(greys: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.bincount(greys.ravel(), minlength=_GREYS)
