"""Runs of studies in one file a study."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.messages.errors import RunMissing
from core.results.folder import RESULTS_FOLDER
from core.results.packs import pack_file, pack_study, run_file, study_summaries
from core.results.runs import read_run
from core.results.study_table import read_study_table
from core.training.experiments.earlier_studies import EARLIER_STUDIES
from core.training.experiments.studies import ALL_STUDIES
from core.training.experiments.table import study_table
from tests.support.made_up import write_run


def written(results: Path, name: str, **entries: Any) -> Path:
    """A run folder whose test films have been measured; ``entries`` change its metrics."""
    write_run(results, name, 0.3)
    folder = results / "runs" / name
    summary: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    summary["metrics"] |= {"test": summary["metrics"]["validation"], **entries}
    (folder / "run.json").write_text(json.dumps(summary), encoding="utf-8")
    (folder / "test_logits.csv").write_text("image,logit\na.png,0.5\n", encoding="utf-8")
    return folder


def test_a_packed_run_reads_as_before(tmp_path: Path) -> None:
    folder = written(tmp_path, "mixup/p0@1")
    before, logits = read_run(folder), run_file(folder, "test_logits.csv")
    assert pack_study("mixup", tmp_path) == ("p0@1",)
    assert not folder.exists()
    after = read_run(folder)
    assert (after.name, after.summary) == (before.name, before.summary)
    pd.testing.assert_frame_equal(after.history, before.history)
    pd.testing.assert_frame_equal(after.predictions, before.predictions)
    assert run_file(folder, "test_logits.csv") == logits is not None
    assert list(study_summaries(tmp_path)) == ["mixup/p0@1"]


def test_only_measured_runs_are_packed_and_weights_stay(tmp_path: Path) -> None:
    measured, unmeasured = written(tmp_path, "mixup/p0@1"), written(tmp_path, "mixup/p0@2")
    summary: Mapping[str, Any] = read_run(unmeasured).summary
    metrics = {name: each for name, each in summary["metrics"].items() if name != "test"}
    (unmeasured / "run.json").write_text(json.dumps({**summary, "metrics": metrics}))
    (measured / "weights.safetensors").write_bytes(b"weights")
    assert pack_study("mixup", tmp_path) == ("p0@1",)
    assert [file.name for file in measured.iterdir()] == ["weights.safetensors"]
    assert (unmeasured / "run.json").is_file()
    assert list(study_summaries(tmp_path)) == ["mixup/p0@1", "mixup/p0@2"]
    assert read_run(measured).summary["metrics"]["test"]


def test_what_is_packed_later_joins_what_was_packed(tmp_path: Path) -> None:
    written(tmp_path, "mixup/p0@1")
    pack_study("mixup", tmp_path)
    first = pack_file("mixup", tmp_path).read_bytes()
    assert pack_study("mixup", tmp_path) == ()
    assert pack_file("mixup", tmp_path).read_bytes() == first
    written(tmp_path, "mixup/p0@2")
    assert pack_study("mixup", tmp_path) == ("p0@2",)
    assert list(study_summaries(tmp_path)) == ["mixup/p0@1", "mixup/p0@2"]


def test_a_run_trained_again_comes_before_the_packed_one(tmp_path: Path) -> None:
    folder = written(tmp_path, "mixup/p0@1")
    pack_study("mixup", tmp_path)
    written(tmp_path, "mixup/p0@1", again={"n": 1})
    assert "again" in read_run(folder).summary["metrics"]
    assert "again" in study_summaries(tmp_path)["mixup/p0@1"]["metrics"]


@pytest.mark.parametrize("name", ["mixup/p0@9", "nowhere/p0@1", "p0@1"])
def test_a_run_that_is_nowhere_is_told(tmp_path: Path, name: str) -> None:
    written(tmp_path, "mixup/p0@1")
    pack_study("mixup", tmp_path)
    with pytest.raises(RunMissing):
        read_run(tmp_path / "runs" / name)


def test_the_packs_that_ship_make_the_table_that_ships(tmp_path: Path) -> None:
    made, shipped = study_table(RESULTS_FOLDER), read_study_table(RESULTS_FOLDER)
    assert set(EARLIER_STUDIES) <= set(shipped["study"]) <= set(ALL_STUDIES)
    file = tmp_path / "runs.csv"
    made.to_csv(file, index=False, float_format="%.6g")
    assert file.read_text(encoding="utf-8") == (RESULTS_FOLDER / "runs.csv").read_text(
        encoding="utf-8"
    )
