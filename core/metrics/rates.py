"""Rates that are counted: their names, and Wilson's interval.

Apart from other metrics, which load scikit-learn.
"""

THRESHOLD_METRICS = ("accuracy", "sensitivity", "specificity", "ppv", "npv", "f1")


def wilson_of(part: int, whole: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share that was counted; ``whole`` is at least 1."""
    from scipy.stats import binomtest  # takes a third of a second, and few pages need it

    interval = binomtest(part, whole).proportion_ci(method="wilson")
    return round(float(interval.low), 6), round(float(interval.high), 6)
