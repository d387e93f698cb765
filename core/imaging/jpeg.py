"""What JPEG leaves of an image, by an encoder as hospitals use them."""

from io import BytesIO

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def jpeg_round_trip(image: Tensor, quality: int) -> Tensor:
    """A [0, 1] image of shape (1, H, W), saved as JPEG and read back."""
    pixels = (image[0].clamp(0, 1) * 255).round().to(torch.uint8).numpy()
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return torch.from_numpy(np.array(Image.open(file), np.float32))[None] / 255
