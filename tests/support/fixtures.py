"""Fixtures for the conftest of a room: one thread, few resamples, a tiny network, a fresh Python.

The tests of the core run on one thread: their networks are tiny, and the machine may be busy.
"""

import multiprocessing
from collections.abc import Iterator
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext

import pytest
import torch

from tests.support.sources import APP_MODULES
from tests.support.tiny import few_resamples, in_the_registry


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Compute on one thread, so that two test runs give the same bits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True, scope="session")
def quick_intervals() -> Iterator[None]:
    """Bootstrap little: test_metrics looks at the bootstrap itself."""
    with few_resamples():
        yield


@pytest.fixture(autouse=True, scope="session")
def app_python() -> ForkServerContext:
    """Makes processes that start where one has imported the app and nothing else, in no time.

    That one begins to import at once, while the other tests run.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(APP_MODULES)
    forkserver.ensure_running()
    return context


@pytest.fixture(scope="module")
def tiny_network() -> Iterator[None]:
    """Let ``STAND_IN`` be a tiny network."""
    with in_the_registry():
        yield
