"""``python -m core predict`` with the tiny model, for classes of tests."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.cli.predict import main as predict


class Predicting:
    """Tests that run the command, and look at what it prints."""

    @pytest.fixture(autouse=True)
    def _weights(self, tiny_weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.model = ["--model", "tiny", "--weights", str(tiny_weights)]
        self.capsys = capsys

    def lines(self, *arguments: object, status: int = 0) -> list[dict[str, Any]]:
        """The objects that ``--json`` prints, after a look at the exit status."""
        assert predict([*self.model, "--json", *map(str, arguments)]) == status
        return [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]
