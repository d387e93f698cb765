"""From logit to probability. Apart from other metrics, which load scikit-learn."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]


def sigmoid(logit: Any) -> Floats:
    """The probability of a logit, in float64."""
    probability: Floats = expit(np.asarray(logit, dtype=np.float64))
    return probability
