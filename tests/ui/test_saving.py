"""Notes count as saved once the file they leave in is made, and the page's run waits for it."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
import streamlit as st

from core.ui.kept.saving import draw_save_button


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the drawn button makes, and what its press calls."""
    kept: list[Any] = []

    def button(label: str, data: object, *_: object, on_click: object, **__: object) -> None:
        kept[:] = [data, on_click]

    monkeypatch.setattr(st, "download_button", button)
    return kept


def drawn(make: Callable[[], bytes], told: list[str]) -> None:
    draw_save_button("Save", make, "film.pdf", "application/pdf", lambda: told.append("saved"))


def test_a_press_waits_for_the_file(offered: list[Any]) -> None:
    told: list[str] = []
    drawn(lambda: b"report", told)
    file, pressed = offered
    run = Thread(target=pressed)
    run.start()
    run.join(0.2)
    assert run.is_alive()
    assert told == []
    assert file() == b"report"
    run.join(5)
    assert told == ["saved"]


def test_a_file_that_cannot_be_made_saves_nothing(offered: list[Any]) -> None:
    told: list[str] = []
    drawn(lambda: bytes(-1), told)
    file, pressed = offered
    with pytest.raises(ValueError, match="negative"):
        file()
    pressed()
    assert told == []


def test_a_browser_that_has_gone_holds_no_run(
    offered: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.ui.kept.saving._LONGEST_SECONDS", 0.01)
    told: list[str] = []
    drawn(lambda: b"", told)
    offered[1]()
    assert told == []
