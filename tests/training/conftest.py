"""What the tests of this room share."""

from tests.support.fixtures import app_python, one_thread, quick_intervals, tiny_network

__all__ = ["app_python", "one_thread", "quick_intervals", "tiny_network"]
