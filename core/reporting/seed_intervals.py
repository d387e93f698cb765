"""The 95 % interval of a mean over a few seeds, which needs no bootstrap."""

from collections.abc import Sequence

from core.metrics import over_seeds as statistics


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
