"""Pictures that are no films, drawn by numpy and Pillow from a seed.

Two sets that share no way of drawing: with ``TAUGHT`` the gate is trained, with ``UNSEEN`` it is
only measured. Every function takes random numbers and gives a picture of ``SIDE_PX`` by
``SIDE_PX`` pixels, float32 in [0, 1].
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core.imaging.preprocess import FILM_SIZE_PX

SIDE_PX = FILM_SIZE_PX
Picture = NDArray[np.float32]
Draw = Callable[[np.random.Generator], Picture]

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIKLMNOPRSTUVW0123456789.,-()"


def _grid() -> tuple[Picture, Picture]:
    """Rows and columns of every pixel, from -1 to 1."""
    axis = np.linspace(-1, 1, SIDE_PX, dtype=np.float32)
    y, x = np.meshgrid(axis, axis, indexing="ij")
    return y, x


def _stretched(values: NDArray[np.floating]) -> Picture:
    low, high = float(values.min()), float(values.max())
    return ((values - low) / max(high - low, 1e-6)).astype(np.float32)


def _picture(canvas: Image.Image) -> Picture:
    greys: Picture = np.asarray(canvas.convert("L"), np.float32) / np.float32(255)
    return greys


def _enlarged(small: NDArray[np.floating], smooth: bool = True) -> Picture:
    how = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    image = Image.fromarray(small.astype(np.float32)).resize((SIDE_PX, SIDE_PX), how)
    greys: Picture = np.clip(np.asarray(image), 0, 1)
    return greys


def _canvas(random: np.random.Generator) -> tuple[Image.Image, ImageDraw.ImageDraw, int, int]:
    """An empty canvas, what draws on it, and the greys of ground and ink."""
    ground, ink = (255, 0) if random.random() < 0.7 else (0, 255)
    canvas = Image.new("L", (SIDE_PX, SIDE_PX), ground)
    return canvas, ImageDraw.Draw(canvas), ground, ink


def cloud(random: np.random.Generator) -> Picture:
    """Noise of several octaves, from fine grain to soft clouds."""
    total = np.zeros((SIDE_PX, SIDE_PX), np.float32)
    for side in (3, 7, 16, 40, 100, SIDE_PX):
        total += random.random() ** 2 * _enlarged(random.random((side, side)))
    return _stretched(total)


def gradient(random: np.random.Generator) -> Picture:
    """A straight or round gradient, perhaps with a little grain."""
    y, x = _grid()
    if random.random() < 0.5:
        angle = random.uniform(0, 2 * np.pi)
        values = x * np.cos(angle) + y * np.sin(angle)
    else:
        row, column = random.uniform(-0.8, 0.8, 2)
        values = np.hypot((x - column) * random.uniform(0.5, 2), y - row)
        values *= random.choice([-1, 1])
    grain = random.normal(0, 0.05 * random.random(), values.shape)
    shaded: Picture = np.clip(_stretched(values) ** random.uniform(0.4, 2.5) + grain, 0, 1)
    return shaded.astype(np.float32)


def chart(random: np.random.Generator) -> Picture:
    """Axes with bars, points or curves."""
    canvas, draw, _, ink = _canvas(random)
    draw.line([(25, 10), (25, 200), (214, 200)], fill=ink, width=int(random.integers(1, 3)))
    heights = 195 - 170 * random.random(int(random.integers(4, 30)))
    across = np.linspace(32, 208, len(heights))
    for _ in range(int(random.integers(1, 4))):
        colour = int(random.integers(40, 215))
        way = random.integers(3)
        if way == 0:
            for left, top in zip(across, heights, strict=True):
                draw.rectangle([left, top, left + 150 / len(heights), 199], fill=colour)
        elif way == 1:
            points = list(zip(across.tolist(), heights.tolist(), strict=True))
            draw.line(points, fill=colour, width=2)
        else:
            for left, top in zip(across, heights, strict=True):
                draw.ellipse([left - 3, top - 3, left + 3, top + 3], fill=colour)
        heights = 195 - 170 * random.random(len(heights))
    return _picture(canvas)


def page(random: np.random.Generator) -> Picture:
    """Lines of letters, with margins and paragraphs."""
    canvas, draw, _, ink = _canvas(random)
    size = float(random.uniform(6, 22))
    font = ImageFont.load_default(size)
    margin, top = random.uniform(4, 30, 2)
    while top < SIDE_PX - size:
        if random.random() < 0.85:
            letters = random.choice(list(_LETTERS), int(random.integers(5, 60)))
            spaced = [" " if random.random() < 0.17 else letter for letter in letters]
            draw.text((margin, top), "".join(spaced), fill=ink, font=font)
        top += size * random.uniform(1.1, 1.6)
    return _picture(canvas)


def shapes(random: np.random.Generator) -> Picture:
    """Ellipses, boxes and polygons of any grey."""
    canvas = Image.new("L", (SIDE_PX, SIDE_PX), int(random.integers(256)))
    draw = ImageDraw.Draw(canvas)
    for _ in range(int(random.integers(1, 14))):
        grey = int(random.integers(256))
        left, top = random.uniform(-40, 200, 2)
        right, bottom = left + random.uniform(10, 150), top + random.uniform(10, 150)
        way = random.integers(3)
        if way == 0:
            draw.ellipse([left, top, right, bottom], fill=grey)
        elif way == 1:
            draw.rectangle([left, top, right, bottom], fill=grey)
        else:
            corners = random.uniform(0, SIDE_PX, (int(random.integers(3, 7)), 2))
            draw.polygon([(float(x), float(y)) for x, y in corners], fill=grey)
    return _picture(canvas)


def sector(random: np.random.Generator) -> Picture:
    """A fan of speckle as ultrasound shows it, on black."""
    y, x = _grid()
    depth = np.hypot(x, y + 1.05)
    angle = np.abs(np.arctan2(x, y + 1.05))
    inside = (depth > random.uniform(0.05, 0.4)) & (depth < random.uniform(1.5, 2))
    inside &= angle < random.uniform(0.4, 0.9)
    tissue = _enlarged(random.random((int(random.integers(4, 14)), int(random.integers(4, 14)))))
    speckle = _enlarged(random.rayleigh(0.4, (90, 60)))
    shown = inside * tissue ** random.uniform(1, 3) * speckle * np.exp(-random.random() * depth)
    return _stretched(shown)


def scrawl(random: np.random.Generator) -> Picture:
    """A line that wanders, as a pen does."""
    canvas, draw, _, ink = _canvas(random)
    for _ in range(int(random.integers(1, 6))):
        turns = np.cumsum(random.normal(0, 0.5, 120))
        steps = np.stack([np.cos(turns), np.sin(turns)], 1) * random.uniform(2, 7)
        path = random.uniform(30, 190, 2) + np.cumsum(steps, 0)
        points = [(float(x), float(y)) for x, y in path]
        draw.line(points, fill=ink, width=int(random.integers(1, 6)))
    return _picture(canvas)


def code(random: np.random.Generator) -> Picture:
    """Black and white modules as in a printed code."""
    modules = int(random.integers(12, 50))
    return _enlarged(random.integers(0, 2, (modules, modules)).astype(np.float32), smooth=False)


def stripes(random: np.random.Generator) -> Picture:
    """Stripes or a chessboard."""
    y, x = _grid()
    angle, beats = random.uniform(0, np.pi), random.uniform(4, 40)
    waves = np.sin(beats * (x * np.cos(angle) + y * np.sin(angle)))
    if random.random() < 0.5:
        waves = waves * np.sin(beats * (y * np.cos(angle) - x * np.sin(angle)))
    return _stretched(np.sign(waves) if random.random() < 0.5 else waves)


def static(random: np.random.Generator) -> Picture:
    """Salt and pepper, or noise with a power law of its own."""
    if random.random() < 0.3:
        values = random.random((SIDE_PX, SIDE_PX))
        return (values < random.uniform(0.1, 0.9)).astype(np.float32)
    waves = np.fft.rfft2(random.normal(size=(SIDE_PX, SIDE_PX)))
    down, across = np.fft.fftfreq(SIDE_PX)[:, None], np.fft.rfftfreq(SIDE_PX)[None]
    waves /= np.maximum(np.hypot(down, across), 1 / SIDE_PX) ** random.uniform(0, 2.2)
    return _stretched(np.fft.irfft2(waves, (SIDE_PX, SIDE_PX)))


def nearly_flat(random: np.random.Generator) -> Picture:
    """One grey with faint grain, a shadow along an edge or a single spot of light."""
    y, x = _grid()
    values = np.full_like(x, random.uniform(0.05, 0.95))
    values += random.normal(0, random.uniform(0.003, 0.02), x.shape).astype(np.float32)
    way = random.integers(3)
    if way == 0:
        values += random.uniform(-0.3, 0.3) * np.exp((np.abs(x) - 1) * random.uniform(3, 12))
    elif way == 1:
        row, column = random.uniform(-0.7, 0.7, 2)
        spread = random.uniform(0.02, 0.2)
        values += 0.5 * np.exp(-((x - column) ** 2 + (y - row) ** 2) / spread**2)
    return np.clip(values, 0, 1).astype(np.float32)


TAUGHT: Mapping[str, Draw] = {
    "cloud": cloud,
    "gradient": gradient,
    "chart": chart,
    "page": page,
    "shapes": shapes,
    "sector": sector,
}
"""What the gate is trained with."""

UNSEEN: Mapping[str, Draw] = {
    "scrawl": scrawl,
    "code": code,
    "stripes": stripes,
    "static": static,
    "nearly flat": nearly_flat,
}
"""What it is only measured with."""
