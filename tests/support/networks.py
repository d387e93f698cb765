"""Networks that must not run."""

from typing import NoReturn

import pytest
from torch import nn


def forbid_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every network that is run from now on be a failure."""

    def ran(self: nn.Module, *_: object, **__: object) -> NoReturn:
        raise AssertionError(f"{type(self).__name__} was run")

    monkeypatch.setattr(nn.Module, "__call__", ran)
