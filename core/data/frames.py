"""What frames a chest film can have that leave its lungs alone: canvases, marks, cut margins.

A verdict must not depend on them. Every frame is fixed in strength, and marks are drawn, so that
figures compare between networks.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torch.nn.functional import pad

from core.imaging.framing import lungs_boxes
from core.imaging.preprocess import resize

_BLACK, _GREY, _WHITE = 0.0, 0.5, 1.0
_MOST_CUT = 0.06
_GAP = 0.02
_LETTERS = ("R", "L", "AP", "PORTABLE", "SUPINE")


def _padded(images: Tensor, across: float, down: float, grey: float) -> Tensor:
    """Images on a canvas wider and higher by these shares of their own sides."""
    height, width = images.shape[-2:]
    left, top = round(width * across / 2), round(height * down / 2)
    return pad(images, (left, left, top, top), value=grey)


def _marked(images: Tensor, first: int) -> Tensor:
    """Ticks along both sides, letters in the corners and a line of numbers, burned in."""
    height, width = images.shape[-2:]
    drawn = [_marks(first + index, (height, width)) for index in range(len(images))]
    marks = torch.from_numpy(np.stack(drawn))[:, None].to(images)
    return torch.maximum(images, marks)


def _marks(index: int, size: tuple[int, int]) -> NDArray[np.float32]:
    rng = np.random.default_rng(index)
    height, width = size
    canvas = Image.new("L", (width, height))
    draw = ImageDraw.Draw(canvas)
    ticks = int(rng.integers(4, 12))
    long = max(2, round(width * 0.02))
    for place in np.linspace(0.1, 0.9, ticks):
        y = round(height * place)
        draw.line([(0, y), (long, y)], fill=230)
        draw.line([(width - long, y), (width, y)], fill=230)
    letters = _LETTERS[int(rng.integers(len(_LETTERS)))]
    _write(draw, letters, (0.04 if rng.random() < 0.5 else 0.78, 0.03), height * 0.06, size)
    _write(draw, _time(rng), (0.04, 0.93), height * 0.045, size)
    return np.asarray(canvas, np.float32) / np.float32(255)


def _write(
    draw: ImageDraw.ImageDraw,
    text: str,
    at: tuple[float, float],
    high: float,
    size: tuple[int, int],
) -> None:
    font = ImageFont.load_default(max(7, round(high)))
    draw.text((at[0] * size[1], at[1] * size[0]), text, fill=240, font=font)


def _time(rng: Generator) -> str:
    hour, minute, day = rng.integers(24), rng.integers(60), rng.integers(1, 29)
    return f"2016-03-{day:02d} {hour:02d}:{minute:02d}"


def _cut(images: Tensor, lungs: Tensor) -> Tensor:
    """Margins cut to near the lungs, then squashed to the size before."""
    boxes = lungs_boxes(lungs)[0]
    height, width = images.shape[-2:]
    cut = []
    for image, (x, y, wide, high) in zip(images, boxes.tolist(), strict=True):
        left, right, top, bottom = (
            round(side * min(_MOST_CUT, max(0.0, gap - _GAP)))
            for gap, side in (
                (x - wide / 2, width),
                (1 - x - wide / 2, width),
                (y - high / 2, height),
                (1 - y - high / 2, height),
            )
        )
        part = image[None, :, top : height - bottom, left : width - right]
        cut.append(resize(part, height) if height == width else part)
    return torch.cat(cut).clamp(0, 1)


Frame = Callable[[Tensor, Tensor, int], Tensor]
_FRAMES: dict[str, Frame] = {
    "padded_black": lambda images, *_: _padded(images, 0.1, 0.1, _BLACK),
    "padded_white": lambda images, *_: _padded(images, 0.12, 0.12, _WHITE),
    "canvas_4_3": lambda images, *_: _padded(images, 4 / 3 - 1, 0, _BLACK),
    "canvas_16_9": lambda images, *_: _padded(images, 16 / 9 - 1, 0, _BLACK),
    "canvas_16_9_grey": lambda images, *_: _padded(images, 16 / 9 - 1, 0, _GREY),
    "canvas_tall": lambda images, *_: _padded(images, 0, 1 / 3, _BLACK),
    "marked": lambda images, _, first: _marked(images, first),
    "cut": lambda images, lungs, _: _cut(images, lungs),
}
FRAMES = tuple(_FRAMES)


def in_frame(frame: str, images: Tensor, lungs: Tensor, first: int = 0) -> Tensor:
    """Films in another frame.

    Args:
        frame: One of ``FRAMES``.
        images: (B, 1, H, W), float32, in [0, 1].
        lungs: (B, 1, H, W), the probability of lung, so that no margin is cut through them.
        first: The number of the first film, which seeds what is drawn; the others follow.

    Returns:
        (B, 1, H', W').
    """
    return _FRAMES[frame](images, lungs, first)
