"""The table of runs that never saw one series of normal films."""

import json
from pathlib import Path

import pandas as pd
import pytest

from core.reporting.documents.unseen import unseen_series
from core.reporting.markdown import NOT_MEASURED
from core.results.folder import RESULTS_VARIABLE


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run without the series A: two of four unseen films, one of two others called pneumonia."""
    monkeypatch.setenv(RESULTS_VARIABLE, str(tmp_path))
    folder = tmp_path / "runs" / "one"
    folder.mkdir(parents=True)
    summary = {
        "config": {"without_series": "A", "size_px": 64},
        "epochs_run": 3,
        "threshold": 0.5,
        "metrics": {"validation": {"auroc": {"value": 0.9}}},
    }
    (folder / "run.json").write_text(json.dumps(summary), encoding="utf-8")
    (folder / "history.csv").write_text("epoch\n1\n", encoding="utf-8")
    patients = ["A-1", "B-1", "B-2", "person1", "B-3"]
    pd.DataFrame(
        {
            "patient": patients,
            "split": ["validation"] * 4 + ["train"],
            "truth": [0, 0, 0, 1, 0],
            "logit": [5.0, 1.0, -1.0, 3.0, 5.0],
        }
    ).to_csv(folder / "predictions.csv", index=False)
    pd.DataFrame({"logit": [2.0, 1.0, -1.0, -2.0]}).to_csv(folder / "out_of_series.csv")
    return tmp_path


def test_it_counts_the_unseen_series_and_the_held_out_normals_of_the_others(results: Path) -> None:
    assert unseen_series("en").splitlines()[-1] == (
        "| A | one | 3 | 64 px | 0.900 | 4 | 0.500 | 0.500 |"
    )


def test_a_run_that_was_not_measured_on_its_series_has_no_row(results: Path) -> None:
    (results / "runs" / "one" / "out_of_series.csv").unlink()
    assert unseen_series("en") == NOT_MEASURED
