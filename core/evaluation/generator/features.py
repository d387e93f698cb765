"""Features of films by a network that no chest film has taught."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.batches import in_batches
from core.models.efficientnet_lite import lite_features
from core.models.generator.generator import Films
from core.models.hardware import keep_freed_memory

NETWORK = "EfficientNet-Lite0, ImageNet weights, mean over places of its last map, films of 128 px"
"""Figures of other features do not compare; the usual InceptionV3 would have to be downloaded."""

Floats = NDArray[np.float32]


class Features:
    """EfficientNet-Lite0 with ImageNet weights, pooled.

    Raises:
        WeightsMissing: The package with the ImageNet weights is not installed.
    """

    def __init__(self) -> None:
        keep_freed_memory()  # twice as fast on thousands of films
        network, self.width = lite_features("efficientnet_lite0", imagenet=True)
        network.eval().requires_grad_(False)
        self.network = network.to(memory_format=torch.channels_last)

    def of(self, films: Films) -> Floats:
        """Features of films (N, H, W), 0 black to 255 white: (N, 1280), float32."""
        told = []
        with torch.inference_mode():
            for batch in in_batches(films, 64):
                images = torch.from_numpy(np.stack(batch)).float()[:, None] / 127.5 - 1
                told.append(self.network(images.expand(-1, 3, -1, -1)).mean((2, 3)))
        return torch.cat(told).numpy()
