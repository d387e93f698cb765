"""Means over seeds with their intervals: Student's t, which few seeds need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over seeds.

    Args:
        value: The mean.
        low: Lower end of its 95 % interval; None for one seed, which has none.
        high: Its upper end.
        sd: Standard deviation between seeds; None for one seed.
        n: Seeds.
    """

    value: float
    low: float | None
    high: float | None
    sd: float | None
    n: int


def mean_over_seeds(
    values: Sequence[float], least: float = -np.inf, most: float = np.inf
) -> Estimate:
    """The mean with its 95 % interval by Student's t.

    Args:
        values: A figure of each seed; at least one.
        least: The lowest value that the figure can have, which bounds the interval.
        most: The highest.

    Examples:
        >>> mean_over_seeds([1.0, 2.0, 3.0]).value
        2.0
    """
    n = len(values)
    mean = float(np.mean(values))
    if n == 1:
        return Estimate(mean, None, None, None, 1)
    sd = float(np.std(values, ddof=1))
    half = float(stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)) * sd / n**0.5
    return Estimate(mean, max(least, mean - half), min(most, mean + half), sd, n)


def paired_difference(
    figures: Mapping[int, float], baseline: Mapping[int, float]
) -> Estimate | None:
    """How far a variant lies over the baseline, seed by seed.

    Args:
        figures: The variant's figures, by seed.
        baseline: The baseline's.

    Returns:
        The mean of the differences over the seeds that both have; None where there are none.
    """
    both = sorted(figures.keys() & baseline.keys())
    if not both:
        return None
    return mean_over_seeds([figures[seed] - baseline[seed] for seed in both])
