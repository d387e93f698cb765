"""95 % intervals that need no bootstrap: of a share, and of a mean over a few seeds."""

import math
from collections.abc import Sequence

from core.study import statistics

_NORMAL_QUANTILE = 1.959964


def wilson(share: float, n: float) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson, 1927, https://doi.org/10.2307/2276774).

    Args:
        share: 0 to 1.
        n: Of how many, at least 1.

    Examples:
        >>> low, high = wilson(0.5, 10)
        >>> round(low, 3), round(high, 3)
        (0.237, 0.763)
    """
    square = _NORMAL_QUANTILE**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    spread = share * (1 - share) / n + square / (4 * n**2)
    half = _NORMAL_QUANTILE * math.sqrt(spread) / (1 + square / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def mean_over_seeds(values: Sequence[float]) -> dict[str, float]:
    """The mean of a metric over seeds, with Student's 95 % interval, which 0 and 1 bound.

    Args:
        values: A value a seed, 0 to 1, at least two.

    Returns:
        ``value``, ``low`` and ``high``.

    Examples:
        >>> {name: round(value, 3) for name, value in mean_over_seeds([0.90, 0.92, 0.94]).items()}
        {'value': 0.92, 'low': 0.87, 'high': 0.97}
    """
    mean = statistics.mean_over_seeds(values, least=0, most=1)
    return {name: float(getattr(mean, name)) for name in ("value", "low", "high")}
