"""Steps of augmentation: what can happen to a film, one thing at a time."""

from io import BytesIO

import cv2
import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torchvision.transforms import v2


class RandomGamma(nn.Module):
    """Raise a [0, 1] image to a random power between ``1 / most`` and ``most``."""

    def __init__(self, most: float) -> None:
        super().__init__()
        self.log_most = float(torch.tensor(most).log())

    def forward(self, image: Tensor) -> Tensor:
        """An image of the same shape and range."""
        power = torch.empty(()).uniform_(-self.log_most, self.log_most).exp()
        return image.clamp(0, 1) ** power


class RandomContrast(nn.Module):
    """Scale contrast about the mean and shift brightness, then clip, as an exposure does."""

    def __init__(self, contrast: float, brightness: float) -> None:
        super().__init__()
        self.contrast = contrast
        self.brightness = brightness

    def forward(self, image: Tensor) -> Tensor:
        """An image of the same shape, in [0, 1]."""
        gain = 1 + float(torch.empty(()).uniform_(-self.contrast, self.contrast))
        shift = float(torch.empty(()).uniform_(-self.brightness, self.brightness))
        mean = image.mean()
        return ((image - mean) * gain + mean + shift).clamp(0, 1)


class RandomResample(nn.Module):
    """Shrink an image to a random share of its side and enlarge it again: a coarser export."""

    def __init__(self, least: float) -> None:
        super().__init__()
        self.least = least

    def forward(self, image: Tensor) -> Tensor:
        """An image of the same shape and range."""
        height, width = image.shape[-2:]
        share = float(torch.empty(()).uniform_(self.least, 1))
        small = v2.functional.resize(image, [round(height * share), round(width * share)])
        large: Tensor = v2.functional.resize(small, [height, width])
        return large


class RandomHistogramShift(nn.Module):
    """Bend the grey scale of a [0, 1] image through randomly moved control points.

    A film's characteristic curve and a vendor's look-up table differ so between exports.
    """

    def __init__(self, points: int) -> None:
        super().__init__()
        self.points = points

    def forward(self, image: Tensor) -> Tensor:
        """An image of the same shape and range."""
        moved = torch.rand(self.points - 2).sort().values
        even = torch.linspace(0, 1, self.points)
        inner = 0.5 * even[1:-1] + 0.5 * moved
        curve = np.interp(image.numpy(), even.numpy(), [0, *inner.tolist(), 1])
        return torch.from_numpy(curve.astype(np.float32))


class RandomShading(nn.Module):
    """Multiply an image by a smooth random field: an uneven exposure, the heel effect."""

    def __init__(self, most: float) -> None:
        super().__init__()
        self.most = most

    def forward(self, image: Tensor) -> Tensor:
        """An image of the same shape, in [0, 1]."""
        coarse = torch.empty(1, 3, 3).uniform_(1 - self.most, 1 + self.most)
        field = v2.functional.resize(
            coarse, list(image.shape[-2:]), interpolation=v2.InterpolationMode.BICUBIC
        )
        shaded: Tensor = (image * field).clamp(0, 1)
        return shaded


class RandomBorder(nn.Module):
    """Cover strips along the edges with one grey: collimation, or padding by an export."""

    def __init__(self, widest: float) -> None:
        super().__init__()
        self.widest = widest

    def forward(self, image: Tensor) -> Tensor:
        """An image of the same shape and range."""
        covered = image.clone()
        height, width = image.shape[-2:]
        widths = torch.rand(4) * self.widest * (torch.rand(4) < 0.5)
        top, bottom, left, right = (
            int(share * side)
            for share, side in zip(widths, (height, height, width, width), strict=True)
        )
        grey = float(torch.rand(())) if torch.rand(()) < 0.3 else 0.0
        covered[:, :top], covered[:, height - bottom :] = grey, grey
        covered[:, :, :left], covered[:, :, width - right :] = grey, grey
        return covered


class RandomMarker(nn.Module):
    """Put a small bright plate near an edge, where side markers and letters are."""

    def forward(self, image: Tensor) -> Tensor:
        """An image of the same shape and range."""
        marked = image.clone()
        height, width = image.shape[-2:]
        tall, wide = (int(side * (0.03 + 0.09 * torch.rand(()))) for side in (height, width))
        top = int((height - tall) * torch.rand(()))
        left = int(0.2 * (width - wide) * torch.rand(()))
        if torch.rand(()) < 0.5:
            left = width - wide - left
        plate = torch.rand((1, max(1, tall // 3), max(1, wide // 3))) < 0.6
        plate = v2.functional.resize(
            plate.float(), [tall, wide], interpolation=v2.InterpolationMode.NEAREST
        )
        marked[:, top : top + tall, left : left + wide] = plate.clamp(
            min=float(torch.rand(())) * 0.7
        )
        return marked


class RandomClahe(nn.Module):
    """Equalise a [0, 1] image tile by tile (CLAHE), as many vendors' displays do.

    Zuiderveld, Graphics Gems IV, 1994; OpenCV's, with 8 x 8 tiles.
    """

    def __init__(self, most: float) -> None:
        super().__init__()
        self.most = most

    def forward(self, image: Tensor) -> Tensor:
        """An image of the same shape, (1, H, W), and range."""
        limit = float(torch.empty(()).uniform_(1, self.most))
        pixels = (image[0].clamp(0, 1) * 255).round().to(torch.uint8).numpy()
        equalised = cv2.createCLAHE(clipLimit=limit, tileGridSize=(8, 8)).apply(pixels)
        return torch.from_numpy(equalised)[None].float() / 255


class RandomGibbsNoise(nn.Module):
    """Cut off an image's high frequencies sharply, which rings at edges.

    It happens in magnetic resonance, never to a film: a negative control. The cut is that of MONAI
    1.6, https://docs.monai.io/en/stable/transforms.html#gibbsnoise, with torch's random numbers.
    """

    def __init__(self, most: float) -> None:
        super().__init__()
        self.most = most

    def forward(self, image: Tensor) -> Tensor:
        """An image of the same shape, in [0, 1]."""
        height, width = image.shape[-2:]
        strength = float(torch.empty(()).uniform_(0, self.most))
        radius = (1 - strength) * max(height, width) * 2**0.5 / 2
        rows, columns = torch.fft.fftfreq(height) * height, torch.fft.fftfreq(width) * width
        kept = torch.hypot(rows[:, None], columns[None]) <= radius
        ringing: Tensor = torch.fft.ifft2(torch.fft.fft2(image) * kept).real
        return ringing.clamp(0, 1)


def jpeg_round_trip(image: Tensor, quality: int) -> Tensor:
    """A [0, 1] image of shape (1, H, W), saved as JPEG and read back."""
    pixels = (image[0].clamp(0, 1) * 255).round().to(torch.uint8).numpy()
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return torch.from_numpy(np.array(Image.open(file), np.float32))[None] / 255


class JpegRoundTrip(nn.Module):
    """Save a [0, 1] image as JPEG at a random quality and read it back."""

    def __init__(self, worst: int, best: int) -> None:
        super().__init__()
        self.worst = worst
        self.best = best

    def forward(self, image: Tensor) -> Tensor:
        """An image of the same shape, (1, H, W), and range."""
        return jpeg_round_trip(image, int(torch.randint(self.worst, self.best + 1, ())))
