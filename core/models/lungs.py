"""The lungs segmenter: a small U-Net on EfficientNet-Lite0.

Ronneberger et al., MICCAI 2015, https://arxiv.org/abs/1505.04597, with an encoder that may start
from ImageNet. It reads a film squashed to 224 x 224 and says of each place how likely it is lung.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import interpolate

from core.imaging.borders import Part, without_borders
from core.imaging.framing import lungs_boxes, stretch, widened
from core.imaging.preprocess import resize
from core.messages.errors import WeightsMismatch, WeightsMissing
from core.models.efficientnet_lite import lite_encoder, lite_weights

LUNGS_INPUT_PX = 224
_ENCODER = "efficientnet_lite0"
_WIDTHS = (96, 64, 32, 24)
_MEAN = _STD = 0.5
_SMALL = 0.6
"""Lungs less wide or high than this share of the film are looked at again, from closer."""
_CLOSER = 1.5
"""How many times as wide and high as the lungs what is then looked at is."""


def _step(wide: int, narrow: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(wide, narrow, 3, padding=1, bias=False),
        nn.BatchNorm2d(narrow),
        nn.ReLU(inplace=True),
    )


class LungsNetwork(nn.Module):
    """Maps squashed, stretched films (B, 1, 224, 224), in [0, 1], to logits of lung, same shape.

    The decoder ends at half the film's side; the last step is bilinear.

    Args:
        imagenet: Start the encoder from ImageNet weights.
    """

    def __init__(self, imagenet: bool = False) -> None:
        super().__init__()
        encoder = lite_encoder(_ENCODER)
        self.encoder = encoder
        if imagenet:
            given = lite_weights(_ENCODER)
            self.encoder.load_state_dict({name: given[name] for name in self.encoder.state_dict()})
        *skips, width = encoder.feature_info.channels()  # at strides 2, 4, 8, 16 and 32
        self.decoder = nn.ModuleList()
        for skip, narrow in zip(reversed(skips), _WIDTHS, strict=True):
            self.decoder.append(_step(width + skip, narrow))
            width = narrow
        self.last = nn.Conv2d(width, 1, 3, padding=1)

    def feature_maps(self, films: Tensor) -> list[Tensor]:
        """The encoder's features at strides 2, 4, 8, 16 and 32, of films of any side."""
        maps: list[Tensor] = self.encoder(((films - _MEAN) / _STD).expand(-1, 3, -1, -1))
        return maps

    def forward(self, films: Tensor) -> Tensor:
        """Logits of lung of each place."""
        *skips, deep = self.feature_maps(films)
        for step, skip in zip(self.decoder, reversed(skips), strict=True):
            raised = interpolate(deep, skip.shape[-2:], mode="bilinear", align_corners=False)
            deep = step(torch.cat((raised, skip), dim=1))
        return interpolate(self.last(deep), films.shape[-2:], mode="bilinear", align_corners=False)


def load_lungs(file: Path) -> LungsNetwork:
    """The segmenter of a run, in evaluation mode and without gradients.

    Args:
        file: Its safetensors file.

    Raises:
        WeightsMissing: The file is not there.
        WeightsMismatch: It holds other weights.
    """
    if not file.is_file():
        raise WeightsMissing(file=file)
    network = LungsNetwork()
    try:
        network.load_state_dict(load_file(file))
    except (SafetensorError, RuntimeError) as error:
        raise WeightsMismatch(file=file, architecture="lungs") from error
    return network.eval().requires_grad_(False)


@dataclass(frozen=True, slots=True)
class FoundLungs:
    """Where the lungs of a batch of films are.

    Args:
        films: (B, 1, 224, 224), float32, in [0, 1]: the region of each film, squashed.
        lungs: (B, 1, 224, 224), the probability of lung in that region.
        regions: (B, 4), boxes as shares of the film: all of it, or what was looked at from closer.
        found: (B,), bool: whether there are lungs.
    """

    films: Tensor
    lungs: Tensor
    regions: Tensor
    found: Tensor


@torch.no_grad()
def find_lungs(network: LungsNetwork, images: Tensor, whole: bool = False) -> FoundLungs:
    """Find the lungs; where they are small in the film, find them again from closer.

    Plain borders are left out before: a canvas round the chest would cost most of the resolution.

    Args:
        network: In evaluation mode.
        images: (B, 1, H, W), float32, in [0, 1], of any size.
        whole: Whether the whole film is the region, its borders too, and is looked at once.
    """
    if whole:
        height, width = images.shape[-2:]
        parts = [(0, height, 0, width)] * len(images)
    else:
        parts = [without_borders(image) for image in images[:, 0]]
    films, lungs = _look(network, images, parts)
    boxes, found = lungs_boxes(lungs)
    small = torch.nonzero(found & (boxes[:, 2:] < _SMALL).any(1))[:, 0].tolist()
    if small and not whole:
        closer = [_closer(boxes[index], parts[index]) for index in small]
        films[small], lungs[small] = _look(network, images[small], closer)
        found[small] = lungs_boxes(lungs[small])[1]
        for index, part in zip(small, closer, strict=True):
            parts[index] = part
    return FoundLungs(films, lungs, _as_boxes(parts, images), found)


def _look(network: LungsNetwork, images: Tensor, parts: Sequence[Part]) -> tuple[Tensor, Tensor]:
    """Parts of images, squashed, and the probability of lung there."""
    cuts = [
        resize(image[None, :, top:bottom, left:right], LUNGS_INPUT_PX)
        for image, (top, bottom, left, right) in zip(images, parts, strict=True)
    ]
    films = torch.cat(cuts).clamp(0, 1)
    return films, network(stretch(films)).float().sigmoid()


def _closer(box: Tensor, part: Part) -> Part:
    """What is looked at from closer.

    Args:
        box: Round the lungs, as shares of the part.
        part: What was looked at before.
    """
    top, bottom, left, right = part
    height, width = bottom - top, right - left
    x, y, wide, high = widened(box[None], _CLOSER)[0].tolist()
    return (
        max(top, top + round((y - high / 2) * height)),
        min(bottom, top + round((y + high / 2) * height)),
        max(left, left + round((x - wide / 2) * width)),
        min(right, left + round((x + wide / 2) * width)),
    )


def _as_boxes(parts: Sequence[Part], images: Tensor) -> Tensor:
    """Parts of images as shares of them, (B, 4)."""
    height, width = images.shape[-2:]
    top, bottom, left, right = torch.tensor(parts, dtype=torch.float64).unbind(1)
    boxes = (
        (left + right) / 2 / width,
        (top + bottom) / 2 / height,
        (right - left) / width,
        (bottom - top) / height,
    )
    return torch.stack(boxes, dim=1).to(images)
