"""How the lungs lie in a film: what a radiographer looks at before the film is read.

Plain rules on the lungs' mask. Their limits were chosen on 491 films of training patients that the
segmenter was not trained on, and on 119 of these with an edge cut off. As they are, one film in a
hundred has its bases on the edge, and none has a lung on its side or a single lung. With a fifth of
the lungs' height cut off below, 99 % are told; with a sixth of their width cut off at a side, or
one lung, all.

Whether a film lies on its side or upside down is the gate's to say (``core.inference.gate``).
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from core.imaging import Notice
from core.inference.lungs import LungsMap

_GRID_PX = 224
_EDGE_PX = 2
_BASES_ON_EDGE = 0.15
"""Share of the lungs' width that may lie on the lower edge of the film."""
_SIDE_ON_EDGE = 0.2
"""Share of the lungs' height that may lie on the left or on the right edge."""
_OTHER_LUNG = 0.3
"""The smaller lung has at least this share of the larger one's area."""
_LUNG_SHARE = 0.05
"""Less than this share of all lung is a speck; all 5,232 training films show two lungs by it."""

Mask = NDArray[np.bool_]


def no_verdict_without(lungs: LungsMap) -> tuple[Notice, ...]:
    """Why there is no plain verdict where there are not two lungs; nothing where there are."""
    if not lungs.found:
        return (Notice("lungs.reason.none"),)
    mask = lungs.over(_GRID_PX, _GRID_PX)
    if is_one(mask):
        return (Notice("lungs.reason.one"),)
    return (Notice("lungs.reason.many"),) if is_many(mask) else ()


def what_to_tell(lungs: LungsMap) -> tuple[Notice, ...]:
    """What the reader should be told of how the lungs lie in the film."""
    if not lungs.found:
        return ()
    mask = lungs.over(_GRID_PX, _GRID_PX)
    found = {"bases": has_bases_cut(mask), "side": has_side_cut(mask)}
    return tuple(Notice(f"lungs.notice.{name}") for name, holds in found.items() if holds)


def is_one(mask: Mask) -> bool:
    """Whether a mask (H, W) holds one lung where two should be."""
    labels, lungs = ndimage.label(mask)
    areas = sorted(np.bincount(labels.ravel(), minlength=lungs + 1)[1:].tolist(), reverse=True)
    return bool(areas) and (lungs < 2 or areas[1] < _OTHER_LUNG * areas[0])


def is_many(mask: Mask) -> bool:
    """Whether a mask (H, W) holds more than two lungs, as a film of two chests does."""
    labels, lungs = ndimage.label(mask)
    areas = np.bincount(labels.ravel(), minlength=lungs + 1)[1:]
    return bool(np.count_nonzero(areas >= _LUNG_SHARE * mask.sum()) > 2)


def has_bases_cut(mask: Mask) -> bool:
    """Whether the lungs of a mask (H, W) go on below its lower edge."""
    width = np.count_nonzero(mask.any(0))
    return bool(np.count_nonzero(mask[-_EDGE_PX:].any(0)) > _BASES_ON_EDGE * width)


def has_side_cut(mask: Mask) -> bool:
    """Whether the lungs of a mask (H, W) go on beyond its left or right edge."""
    height = np.count_nonzero(mask.any(1))
    sides = (mask[:, :_EDGE_PX], mask[:, -_EDGE_PX:])
    return bool(height) and any(
        np.count_nonzero(side.any(1)) > _SIDE_ON_EDGE * height for side in sides
    )
