"""How many lungs were found: a frontal film of one chest shows two."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from core.imaging import Notice
from core.imaging.framing import LUNGS_FROM

LEAST_SHARE = 0.05
"""Less than this share of all lung found is a speck, not a lung."""

LEAST_BALANCE = 0.35
"""A second lung smaller than this share of the first is not counted.

On the 5,232 training films it is 0.52 at least, and two lungs are found on each of them.
"""


def lung_fields(lungs: NDArray[np.float32]) -> tuple[float, ...]:
    """Areas of the lungs that were found, the largest first, as shares of the picture.

    Args:
        lungs: (H, W), the probability of lung.

    Examples:
        >>> lungs = np.zeros((8, 8), np.float32)
        >>> lungs[2:6, 1:3] = lungs[2:6, 5:7] = 1
        >>> lung_fields(lungs)
        (0.125, 0.125)
    """
    marked, _ = label(lungs > LUNGS_FROM)
    areas = np.sort(np.bincount(marked.ravel())[1:])[::-1]
    kept = areas[areas >= LEAST_SHARE * max(1, areas.sum())]
    return tuple(float(area) / lungs.size for area in kept)


def lungs_reason(lungs: NDArray[np.float32], found: bool) -> Notice | None:
    """Why a film may not be one frontal chest, by the lungs that were found in it.

    Args:
        lungs: (H, W), the probability of lung.
        found: Whether there is enough lung, as ``core.models.lungs.find_lungs`` tells.

    Returns:
        None where two lungs of like size were found.
    """
    areas = lung_fields(lungs)
    if not found or not areas:
        return Notice("population.reason.no_lungs")
    if len(areas) > 2:
        return Notice("population.reason.many_lungs")
    if len(areas) < 2 or areas[1] < LEAST_BALANCE * areas[0]:
        return Notice("population.reason.one_lung")
    return None
