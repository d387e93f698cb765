"""Steps of augmentation on batches of images (B, 1, S, S), float32, in [0, 1]."""

from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import interpolate, pad

from core.data.draw import Draw
from core.imaging.blur import gaussian

_GREYS = 256
_BLOCK = 8
_SHADING_POINTS = 4
# Annex K of ITU-T T.81: the quantisation of luminance that JPEG encoders scale by quality.
_LUMINANCE = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)


def _per_image(values: Tensor) -> Tensor:
    return values.view(-1, 1, 1, 1)


def gamma(images: Tensor, draw: Draw, most: float) -> Tensor:
    """Raise each image to a power between ``1 / most`` and ``most``."""
    log_most = float(torch.tensor(most).log())
    powers = draw.between(len(images), -log_most, log_most).exp()
    return images.clamp_min(1e-4) ** _per_image(powers)


def contrast(images: Tensor, draw: Draw, most_gain: float, most_shift: float) -> Tensor:
    """Scale contrast about each image's mean and shift its brightness, then clip."""
    gains = _per_image(1 + draw.between(len(images), -most_gain, most_gain))
    shifts = _per_image(draw.between(len(images), -most_shift, most_shift))
    means = images.mean((2, 3), keepdim=True)
    return ((images - means) * gains + means + shifts).clamp(0, 1)


def shaded(images: Tensor, draw: Draw, deviation: float) -> Tensor:
    """Multiply each image by a smooth random field: an uneven exposure, the heel effect."""
    coarse = draw.normal(len(images), 1, _SHADING_POINTS, _SHADING_POINTS)
    fields = interpolate(coarse, images.shape[-2:], mode="bicubic", align_corners=False)
    return (images * (1 + deviation * fields)).clamp(0, 1)


def bent(images: Tensor, draw: Draw, points: int) -> Tensor:
    """Bend each image's grey scale through moved control points, as look-up tables differ."""
    count = len(images)
    moved = draw.between(count * (points - 2), 0, 1).view(count, -1).sort(1).values
    even = torch.linspace(0, 1, points, device=images.device)[1:-1]
    ends = torch.zeros(count, 1, device=images.device)
    curve = torch.cat((ends, (even + moved) / 2, ends + 1), dim=1)  # (B, points)
    place = images.flatten(1) * (points - 1)
    below = place.floor().long().clamp(0, points - 2)
    low, high = curve.gather(1, below), curve.gather(1, below + 1)
    return (low + (high - low) * (place - below)).view_as(images)


def exchanged(images: Tensor, draw: Draw) -> Tensor:
    """Move each image's histogram some of the way to that of another of the batch.

    In the training folder exposure goes with the class, and a network learns it as if it were a
    sign of disease. A film with the exposure of a film of either class tells it nothing by it.
    """
    others = images[draw.order(len(images))]
    shares = draw.between(len(images), 0, 1)
    return images + _per_image(shares) * (with_histogram_of(others, images) - images)


def with_histogram_of(others: Tensor, images: Tensor) -> Tensor:
    """Images whose grey values are distributed as those of others: both (B, 1, H, W)."""
    greys = _greys(images)
    own, theirs = _counts(greys), _counts(_greys(others))
    ranks = (own.cumsum(1) - own / 2) / own.sum(1, keepdim=True)
    reached = theirs.cumsum(1) / theirs.sum(1, keepdim=True)
    table = torch.searchsorted(reached, ranks).clamp(0, _GREYS - 1) / (_GREYS - 1)
    return table.gather(1, greys).view_as(images)


def _greys(images: Tensor) -> Tensor:
    return (images.flatten(1).clamp(0, 1) * (_GREYS - 1)).round().long()


def _counts(greys: Tensor) -> Tensor:
    """Histograms (B, 256) of grey values (B, N)."""
    rows = torch.arange(len(greys), device=greys.device)[:, None] * _GREYS
    counts = torch.bincount((greys + rows).flatten(), minlength=len(greys) * _GREYS)
    return counts.view(len(greys), _GREYS).float()


def resampled(images: Tensor, draw: Draw, least: float) -> Tensor:
    """Shrink images to a random share of their side and enlarge them again: a coarser export."""
    side = images.shape[-1]
    small = max(1, round(side * draw.one_between(least, 0.95)))
    shrunk = interpolate(images, (small, small), mode="bilinear", antialias=True)
    return interpolate(shrunk, images.shape[-2:], mode="bilinear", align_corners=False)


def blurred(images: Tensor, draw: Draw, least: float, most: float) -> Tensor:
    """Gaussian blur of one random deviation, in pixels."""
    return gaussian(images, draw.one_between(least, most))


def compressed(images: Tensor, draw: Draw, worst: int, best: int) -> Tensor:
    """What JPEG of a random quality leaves of each image."""
    return jpeg(images, draw.between(len(images), worst, best))


def jpeg(images: Tensor, qualities: Tensor) -> Tensor:
    """The 8 x 8 discrete cosine transform, quantised as JPEG does it, and back.

    Args:
        images: (B, 1, H, W); sides that are no multiple of 8 are filled up for the time being.
        qualities: (B,), 1 to 100.
    """
    height, width = images.shape[-2:]
    filled = pad(images, (0, -width % _BLOCK, 0, -height % _BLOCK), mode="replicate")
    count, _, tall, wide = filled.shape
    cosines = _cosines(images.device)
    blocks = (filled * 255 - 128).view(count, tall // _BLOCK, _BLOCK, wide // _BLOCK, _BLOCK)
    blocks = blocks.transpose(2, 3)  # (B, rows, columns, 8, 8)
    steps = _quantisation(qualities).view(count, 1, 1, _BLOCK, _BLOCK)
    coefficients = ((cosines @ blocks @ cosines.T) / steps).round() * steps
    restored = (cosines.T @ coefficients @ cosines).transpose(2, 3).reshape(count, 1, tall, wide)
    return ((restored[..., :height, :width] + 128) / 255).clamp(0, 1)


def _quantisation(qualities: Tensor) -> Tensor:
    """(B, 8, 8): the steps of quantisation of each quality (B,)."""
    scale = torch.where(qualities < 50, 5000 / qualities, 200 - 2 * qualities)
    table = torch.tensor(_LUMINANCE, device=qualities.device, dtype=torch.float32)
    return ((table * scale.view(-1, 1, 1) + 50) / 100).floor().clamp(1, 255)


@cache
def _cosines(device: torch.device) -> Tensor:
    """(8, 8): the orthonormal discrete cosine transform."""
    place = torch.arange(_BLOCK)
    waves = torch.cos((2 * place[None] + 1) * place[:, None] * torch.pi / (2 * _BLOCK)) / 2
    waves[0] /= 2**0.5
    return waves.to(device)


def noisy(images: Tensor, draw: Draw, deviation: float) -> Tensor:
    """Add white noise, then clip."""
    return (images + deviation * draw.normal(*images.shape)).clamp(0, 1)


def erased(images: Tensor, draw: Draw, probability: float, least: float, most: float) -> Tensor:
    """Cover a rectangle of some images with one grey.

    Args:
        images: (B, 1, S, S).
        draw: Where everything random comes from.
        probability: How often.
        least: Shortest side of the rectangle, as a share of the image's ...
        most: ... and longest.
    """
    count, side = len(images), images.shape[-1]
    width, height = (draw.between(count, least, most)[:, None] for _ in range(2))
    x, y = (draw.between(count, 0, 1)[:, None] for _ in range(2))
    places = (torch.arange(side, device=images.device) + 0.5)[None] / side
    columns, rows = (places - x).abs() < width / 2, (places - y).abs() < height / 2
    covered = rows[:, None, :, None] & columns[:, None, None, :]
    chosen = _per_image(draw.chance(count, probability))
    return torch.where(covered & chosen, _per_image(draw.between(count, 0, 1)), images)
