"""Rates that are counted: their names, and Wilson's interval.

Apart from other metrics, which load scikit-learn.
"""

from math import sqrt
from statistics import NormalDist

THRESHOLD_METRICS = ("accuracy", "sensitivity", "specificity", "ppv", "npv", "f1")
_QUANTILE = NormalDist().inv_cdf(0.975)


def wilson_of(part: int, whole: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share that was counted.

    As ``scipy.stats.binomtest`` gives it; loading that takes longer than the first verdict.

    Args:
        part: How many of them.
        whole: Of how many; at least 1.

    Returns:
        Its ends, to six digits.
    """
    share, weight = part / whole, _QUANTILE**2 / whole
    centre = share + weight / 2
    half = sqrt(share * (1 - share) * weight + weight**2 / 4)
    low, high = (centre - half) / (1 + weight), (centre + half) / (1 + weight)
    return round(low, 6) if part else 0.0, round(high, 6) if part < whole else 1.0
