"""A mean over films, or a share of them, with its interval by a bootstrap over patients."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.metrics.classification import (
    BOOTSTRAP_SAMPLES,
    interval_of,
    patient_weights,
)
from core.metrics.rates import wilson_of


def mean_of(
    values: NDArray[Any], patients: pd.Series, samples: int = BOOTSTRAP_SAMPLES
) -> dict[str, Any]:
    """The mean of a value over films.

    Args:
        values: (N,), at least one; booleans for a share.
        patients: (N,), whose film each is.
        samples: Bootstrap samples.

    Returns:
        ``n`` films, ``value``, and the 95 % interval from ``low`` to ``high``. Where all or none of
        the films are meant, a bootstrap has nothing to vary, and the interval is Wilson's.
    """
    n = len(values)
    numbers = values.astype(np.float64)
    if values.dtype == bool and (values.all() or not values.any()):
        low, high = wilson_of(int(values.sum()), n)
        return {"n": n, "value": float(values[0]), "low": low, "high": high}
    weights = patient_weights(patients, samples, seed=0)
    resampled = [float(np.average(numbers, weights=weight)) for weight in weights]
    return {"n": n, **interval_of(float(numbers.mean()), resampled)}
