"""What a DICOM header says lies outside the film proper: shutters and collimators."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from pydicom.dataset import Dataset

from core.imaging.bands import bands
from core.imaging.header import code, number, numbers

_EDGES = ("LeftVerticalEdge", "RightVerticalEdge", "UpperHorizontalEdge", "LowerHorizontalEdge")
_KINDS = ("Shutter", "Collimator")
SHUTTER_ELEMENTS = [
    *(f"{kind}{part}" for kind in _KINDS for part in ("Shape", *_EDGES)),
    *("CenterOfCircularShutter", "RadiusOfCircularShutter", "VerticesOfThePolygonalShutter"),
    *("CenterOfCircularCollimator", "RadiusOfCircularCollimator"),
    "VerticesOfThePolygonalCollimator",
]
_MOST_CORNERS = 2048
"""Numbers that describe a polygon; one with more is not believed."""

_LEAST_SHARE = 0.1
"""What would hide more of a film than all but this is not believed."""

Mask = NDArray[np.bool_]


def shuttered(header: Dataset, shape: tuple[int, int]) -> Mask | None:
    """Where a shutter covers the film (PS3.3 C.7.6.11); None where none does."""
    return _outside(header, "Shutter", shape)


def collimated(header: Dataset, shape: tuple[int, int]) -> Mask | None:
    """Where the collimator kept the beam out (PS3.3 C.8.7.3.1.1); None where it did nowhere."""
    return _outside(header, "Collimator", shape)


def _outside(header: Dataset, kind: str, shape: tuple[int, int]) -> Mask | None:
    shapes = code(header, f"{kind}Shape").replace("\\", " ").split()
    inside: Mask | None = None
    for drawn in _drawn(header, kind, shapes, shape):
        inside = drawn if inside is None else inside & drawn
    if inside is None or inside.all() or inside.mean() < _LEAST_SHARE:
        return None
    return ~inside


def _drawn(header: Dataset, kind: str, shapes: list[str], shape: tuple[int, int]) -> Iterator[Mask]:
    """The inside of each shape that the header describes; rows and columns count from 1."""
    y, x = np.ogrid[1 : shape[0] + 1, 1 : shape[1] + 1]
    if "RECTANGULAR" in shapes:
        left, right, upper, lower = (number(header, f"{kind}{edge}") for edge in _EDGES)
        if left is not None and right is not None and upper is not None and lower is not None:
            yield (x > left) & (x < right) & (y > upper) & (y < lower)
    if "CIRCULAR" in shapes:
        centre = numbers(header, f"CenterOfCircular{kind}")
        radius = number(header, f"RadiusOfCircular{kind}")
        if len(centre) == 2 and centre[0] is not None and centre[1] is not None and radius:
            inside = np.empty(shape, np.bool_)
            for rows in bands(shape):
                distance = (y[rows] - centre[0]) ** 2 + (x - centre[1]) ** 2
                inside[rows] = distance <= radius**2
            yield inside
    if "POLYGONAL" in shapes:
        found = numbers(header, f"VerticesOfThePolygonal{kind}")
        known = [each - 1 for each in found if each is not None]
        if len(known) == len(found) >= 6 and len(found) % 2 == 0 and len(found) <= _MOST_CORNERS:
            image = Image.new("1", (shape[1], shape[0]))
            corners = list(zip(known[1::2], known[::2], strict=True))  # across, down
            ImageDraw.Draw(image).polygon(corners, fill=1)
            yield np.asarray(image)
