"""What the tests of this room share."""

from tests.support.fixtures import one_thread, quick_intervals

__all__ = ["one_thread", "quick_intervals"]
