"""The interval of a mean over seeds."""

import pytest

from core.metrics.over_seeds import mean_over_seeds


def test_students_interval_of_three_seeds_is_the_textbooks() -> None:
    """s = 0.01 and n = 3: 4.302653 * 0.01 / sqrt(3) to either side."""
    mean = mean_over_seeds([0.95, 0.96, 0.97])
    assert mean.low is not None
    assert mean.high is not None
    assert mean.value == pytest.approx(0.96)
    assert mean.high - mean.value == pytest.approx(0.0248414, abs=1e-6)
    assert mean.value - mean.low == pytest.approx(0.0248414, abs=1e-6)


def test_the_interval_of_rates_ends_at_0_and_1() -> None:
    mean = mean_over_seeds([0.02, 0.98], least=0, most=1)
    assert (mean.low, mean.high) == (0, 1)
