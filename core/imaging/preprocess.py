"""From a film to the tensor that every network reads: the one definition.

Training, evaluation, the command line and the app all come through here. The films of the
data set were squashed to 224 x 224 without keeping their aspect ratio, with antialiased bilinear
interpolation; an upload is squashed the same way. Exposure differs between hospitals and exports
far more than disease changes it, so each film is then stretched between two of its own percentiles.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.imaging.film import FILM_SIZE_PX as FILM_SIZE_PX
from core.imaging.transforms import InterpolationMode, transform

DARK_PERCENTILE = 0.5
BRIGHT_PERCENTILE = 99.5
_LEAST_RANGE = 1e-3


def resize(images: Tensor, size_px: int) -> Tensor:
    """Squash images to a square with antialiased bilinear interpolation.

    Args:
        images: Any leading dimensions, then (H, W); float.
        size_px: Side of the square, in pixels.
    """
    if images.shape[-2:] == (size_px, size_px):
        return images
    squashed: Tensor = transform.resize(
        images, [size_px, size_px], interpolation=InterpolationMode.BILINEAR, antialias=True
    )
    return squashed


def squash(pixels: NDArray[np.float32]) -> Tensor:
    """Squash a film to the size in which the training films were made.

    Args:
        pixels: (H, W), in [0, 1].

    Returns:
        (1, 224, 224), float32, in [0, 1].
    """
    film = torch.from_numpy(np.array(pixels, dtype=np.float32, copy=not pixels.flags.writeable))
    return resize(film[None], FILM_SIZE_PX).clamp_(0, 1)


def stretch_exposure(image: Tensor) -> Tensor:
    """Stretch an image between its 0.5 and 99.5 percentiles.

    Args:
        image: (1, H, W), float, any range.

    Returns:
        (1, H, W), in [0, 1]; all zeros where the image has no contrast.
    """
    low, high = np.percentile(image.numpy(), [DARK_PERCENTILE, BRIGHT_PERCENTILE])
    return ((image - float(low)) / max(float(high - low), _LEAST_RANGE)).clamp_(0, 1)


def network_input(squashed: Tensor, size_px: int) -> Tensor:
    """A squashed film as a network reads it.

    Args:
        squashed: (1, 224, 224), in [0, 1], as ``squash`` makes it.
        size_px: The network's input side, in pixels.

    Returns:
        (1, size_px, size_px), float32, in [0, 1].
    """
    return stretch_exposure(resize(squashed, size_px))


def to_tensor(pixels: NDArray[np.float32], size_px: int = FILM_SIZE_PX) -> Tensor:
    """A film as networks read it.

    Args:
        pixels: (H, W), in [0, 1], 0 is black.
        size_px: The network's input side, in pixels.

    Returns:
        (1, size_px, size_px), float32, in [0, 1].
    """
    return network_input(squash(pixels), size_px)
