"""What frames do to the verdict, counted by hand and measured on drawn films."""

import contextlib
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cli.evaluate import main as evaluate
from core.data.conditions import PLAIN
from core.data.folder import read_films
from core.data.frames import FRAMES
from core.evaluation.evaluate import films_of
from core.evaluation.frames import figures_of
from core.inference.model import Diagnostician
from core.metrics.shares import mean_of
from core.models import ModelCard, load_card
from core.results.evaluations import read_evaluations
from core.results.robustness import FrameFigures, frames_of


def logits_of(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@pytest.fixture
def card(tiny_weights: Path) -> ModelCard:
    """Review from 0.25 to 0.75: logits within 1.0986."""
    return replace(load_card("tiny", tiny_weights), review_low=0.25, review_high=0.75)


def table_of(plain: np.ndarray, **framed: np.ndarray) -> pd.DataFrame:
    columns = {frame: framed.get(frame, plain) for frame in FRAMES}
    patients = [str(number) for number in range(len(plain))]
    return pd.DataFrame({"image": patients, "patient": patients, PLAIN: plain, **columns})


class TestFigures:
    PLAIN = logits_of(-2, -2, 0.5, 2)

    def test_outcomes_are_counted_by_the_verdict_and_by_the_class(self, card: ModelCard) -> None:
        """Silent; to review; class alone within review; as it was."""
        figures = figures_of(table_of(self.PLAIN, marked=logits_of(2, -0.5, -0.5, 3)), card)
        marked = {name: figures["marked"][name]["value"] for name in figures["marked"]}
        assert marked == {"unchanged": 0.5, "class_changed": 0.5, "silent": 0.25}
        assert figures["cut"]["unchanged"]["value"] == 1
        assert figures["all"]["unchanged"]["value"] == pytest.approx((7 * 4 + 2) / 32)
        assert figures["all"]["silent"]["n"] == 32

    def test_a_film_without_lungs_is_for_review_and_never_silent(self, card: ModelCard) -> None:
        figures = figures_of(table_of(self.PLAIN, cut=logits_of(np.nan, -2, 0.5, 2)), card)
        assert figures["cut"]["unchanged"]["value"] == 0.75
        assert figures["cut"]["silent"]["value"] == 0

    def test_where_nothing_changes_the_interval_is_wilsons(self) -> None:
        sure = mean_of(np.ones(100, bool), pd.Series(range(100)))
        assert (sure["value"], sure["high"]) == (1, 1)
        assert sure["low"] == pytest.approx(0.963, abs=1e-3)

    def test_films_of_one_patient_widen_the_interval(self) -> None:
        values = np.tile([True, False], 50)
        apart = mean_of(values, pd.Series(range(100)))
        together = mean_of(values, pd.Series(np.where(values, "a", "b")))
        assert together["high"] - together["low"] > 2 * (apart["high"] - apart["low"])


@pytest.fixture(scope="module")
def measured(
    tiny_data: Path, lungs_weights: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """The folder of results, and what the command printed."""
    results, printed = tmp_path_factory.mktemp("results"), io.StringIO()
    where = ["--data", str(tiny_data), "--results", str(results)]
    where += ["--weights", str(lungs_weights), "--model", "lungs"]
    with contextlib.redirect_stdout(printed):
        assert evaluate(["--frames", *where]) == 0
    return results, printed.getvalue()


class TestMeasured:
    def test_the_command_writes_logits_and_shares_and_asks_for_no_reason(
        self, measured: tuple[Path, str]
    ) -> None:
        results, printed = measured
        folder = results / "evaluations" / "lungs"
        table = pd.read_csv(folder / "frames.csv")
        assert table.columns.tolist() == ["image", "patient", PLAIN, *FRAMES], "and no truth"
        assert len(table) == 6
        summary = json.loads((folder / "frames.json").read_text())
        assert list(summary["frames"]) == [*FRAMES, "all"]
        assert all(frame in printed for frame in summary["frames"])
        assert read_evaluations("lungs", results) == {}, "it is not a set"
        read = frames_of("lungs", summary["weights_sha256"], results)
        shares = (summary["patients"], summary["frames"], summary["segmenter_sha256"])
        assert read == FrameFigures("test", 6, *shares)
        assert frames_of("lungs", "0" * 64, results) is None
        looks = pd.read_csv(results / "test_looks.csv")
        assert looks["why"].str.contains("no label").all()
        assert looks["accuracy"].isna().all()

    def test_the_plain_logit_is_what_the_model_says_of_the_film(
        self, tiny_data: Path, lungs_weights: Path, measured: tuple[Path, str]
    ) -> None:
        results, _ = measured
        model = Diagnostician.load("lungs", lungs_weights)
        root, records, _ = films_of("test", model, tiny_data, results)
        table = pd.read_csv(results / "evaluations" / "lungs" / "frames.csv")
        assert table["image"].tolist() == [record.image for record in records]
        told = [model.diagnose(film).probability for film in read_films(root, records)]
        found = 1 / (1 + np.exp(-table[PLAIN].fillna(0)))
        has_lungs = table[PLAIN].notna()
        np.testing.assert_allclose(found[has_lungs], np.array(told)[has_lungs], atol=0.01)
