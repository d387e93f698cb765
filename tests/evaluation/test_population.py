"""What the measurement of the population reader adds to its answers: how large the bodies are."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import core.evaluation.population
from core.data.folder import Record, scan_split
from core.data.labels import Label, Population
from core.evaluation.population import counted, sizes

HEIGHTS = {Label.NORMAL: 900.0, Label.PNEUMONIA: 600.0}


def heights(data: Path, records: Sequence[Record]) -> NDArray[np.float32]:
    """By class; of the first film it is not known."""
    known = [HEIGHTS[record.label] for record in records]
    return np.array([np.nan, *known[1:]], np.float32)


def test_sizes_are_told_by_answer_and_by_class(
    tiny_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.evaluation.population, "lung_heights", heights)
    tested = scan_split(tiny_data, "test", "test")
    answers = [
        Population.CHILD if record.label == Label.PNEUMONIA else Population.ADULT
        for record in tested
    ]
    normals = answers.count(Population.ADULT)
    found = sizes(tiny_data, tested, answers)
    assert found["test_child"] == {"n": len(tested) - normals - 1, "median_px": 600}
    assert found["test_others"] == {"n": normals - 1, "median_px": 900}
    assert found["training_normal"]["median_px"] == 900
    assert found["training_pneumonia"]["median_px"] == 600


def test_a_group_of_unknown_size_is_left_out(tiny_data: Path) -> None:
    tested = scan_split(tiny_data, "test", "test")
    assert sizes(tiny_data, tested, [Population.CHILD] * len(tested)) == {}


def test_answers_are_counted_with_an_interval() -> None:
    answers = [Population.CHILD] * 9 + [Population.ADULT]
    found = counted(answers, Population.CHILD)
    assert (found["n"], found["child"], found["adult"], found["neither"]) == (10, 9, 1, 0)
    assert found["told_right"] == 0.9
    assert found["low"] < 0.9 < found["high"]
