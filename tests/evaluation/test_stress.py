"""Runs read under stress: the conditions, the films that are kept, films of a left-out series."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from core.cli.stress import main as stress
from core.data.conditions import CONDITIONS, PLAIN, seen_under, under
from core.data.folder import held_out
from core.data.frames import FRAMES
from core.evaluation.readings import out_of_series_of, readings_of, stress_of
from core.evaluation.stressed_films import STRESSED_FOLDER, StressedFilms
from core.imaging.framing import cut, lungs_boxes
from core.messages.errors import StressMissing
from core.models import build_network
from core.models.lungs_card import LungsCard
from core.models.weights import weights_file
from core.results.runs import OUT_OF_SERIES, STRESS
from tests.support.runs import SPLIT, write_run
from tests.support.tiny import CANVASES, STAND_IN, DrawnLungs, in_the_registry

READS = {
    "architecture": STAND_IN,
    "size_px": 64,
    "reading_size_px": 0,
    "dropout": 0.0,
    "norm": "batch",
    "framing": "lungs",
    "pooling": "lungs",
    "map_stride_px": 32,
}


@pytest.fixture(autouse=True)
def _tiny() -> Iterator[None]:
    with in_the_registry():
        yield


def write_network(results: Path, name: str, data: Path, seed: int = 0, **config: object) -> Path:
    """Write a run whose network was drawn at random."""
    folder = write_run(results, name, data, **{**READS, "seed": seed, **config})
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = build_network(STAND_IN, 64, pooling=str({**READS, **config}["pooling"]))
    (folder / "weights.safetensors").write_bytes(weights_file(network, half=False))
    return folder


@pytest.fixture(scope="module")
def results(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results with a run that was measured under stress."""
    folder = tmp_path_factory.mktemp("results")
    with in_the_registry():
        write_network(folder, "one", tiny_data)
        assert measure("one", tiny_data, folder) == 0
    return folder


def measure(name: str, data: Path, results: Path) -> int:
    return stress([name, "--data", str(data), "--results", str(results)])


def table_of(results: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(results / "runs" / name / STRESS)


class TestConditions:
    FILM = torch.rand(1, 1, 224, 224, generator=torch.Generator().manual_seed(0))
    LUNGS = DrawnLungs()(FILM).sigmoid()

    @pytest.mark.parametrize("frame", FRAMES)
    def test_a_frame_leaves_what_lies_in_the_lungs_box_alone(self, frame: str) -> None:
        """The lungs' box, found where the frame puts it, shows what it showed before."""
        films = torch.cat([self.FILM, self.FILM])
        lungs = torch.cat([self.LUNGS, self.LUNGS])
        seen = next(iter(seen_under(frame, films, [0, 1], lungs)))[None]
        told_apart = 0.8 * lungs  # neither black nor grey nor white
        where = next(iter(seen_under(frame, told_apart, [0, 1], lungs)))[None]
        where = ((where > 0.6) & (where < 0.9)).float() if frame != "marked" else self.LUNGS
        boxes = [lungs_boxes(each)[0] for each in (self.LUNGS, where)]
        before, after = cut(self.FILM, boxes[0], 32), cut(seen, boxes[1], 32)
        soft = torch.nn.functional.avg_pool2d
        assert (soft(before, 8) - soft(after, 8)).abs().mean() < 0.03

    def test_marks_differ_from_film_to_film(self) -> None:
        films = torch.zeros(2, 1, 224, 224)
        one, other = seen_under("marked", films, [0, 1], torch.zeros_like(films))
        assert one.max() > 0.5
        assert not torch.equal(one, other)

    def test_an_export_without_smoothing_has_edges_that_a_smooth_one_lacks(self) -> None:
        stripes = torch.zeros(1, 224, 224)
        stripes[:, :, ::3] = 1.0
        coarse, unsmoothed = (under(name, stripes, 0) for name in ("coarse", "unsmoothed"))
        assert unsmoothed.std() > 2 * coarse.std()


class TestMeasure:
    def test_every_condition_has_a_logit_a_film(self, results: Path, tiny_data: Path) -> None:
        table = table_of(results, "one")
        assert table.columns.tolist() == ["image", "patient", "split", "truth", *CONDITIONS]
        records = held_out(tiny_data, *SPLIT.values())
        assert table["image"].tolist() == [record.image for record in records]
        same = {name for name in CONDITIONS if table[name].equals(table[PLAIN])}
        assert same <= {PLAIN, "low_contrast", "marked", *CANVASES}

    def test_marks_outside_the_lungs_box_change_nothing_at_all(self, results: Path) -> None:
        table = table_of(results, "one")
        assert table["marked"].tolist() == table[PLAIN].tolist()

    def test_a_second_network_reads_the_films_that_were_kept(
        self, results: Path, tiny_data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def nobody(*_: object) -> None:
            raise AssertionError("lungs are found once")

        write_network(results, "two", tiny_data, seed=1)
        monkeypatch.setattr("core.evaluation.stressed_films.with_lungs", nobody)
        monkeypatch.setattr("core.inference.films.with_lungs", nobody)
        assert measure("two", tiny_data, results) == 0
        assert not table_of(results, "two")[PLAIN].equals(table_of(results, "one")[PLAIN])

    def test_what_another_segmenter_found_is_not_read(
        self, tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        records = held_out(tiny_data, *SPLIT.values())
        StressedFilms(tiny_data, records, tmp_path).under("dark")
        other = LungsCard("2.0", "1" * 64, 1, 0, 0), DrawnLungs()
        monkeypatch.setattr("core.inference.films.load_shipped_lungs", lambda _: other)
        StressedFilms(tiny_data, records, tmp_path).under("dark")
        assert len(list((tmp_path / STRESSED_FOLDER).iterdir())) == 2

    def test_a_network_is_read_in_its_own_framing(
        self, results: Path, tiny_data: Path, tmp_path: Path
    ) -> None:
        shutil.copytree(results, tmp_path / "results")
        there = tmp_path / "results"
        write_network(there, "whole", tiny_data, framing="film", pooling="mean")
        write_network(there, "boxed", tiny_data, framing="lungs", pooling="mean")
        for name in ("whole", "boxed"):
            assert measure(name, tiny_data, there) == 0
        whole, boxed = (table_of(there, name) for name in ("whole", "boxed"))
        moved = {
            name: np.abs(table["padded_white"] - table[PLAIN]).mean()
            for name, table in (("whole", whole), ("boxed", boxed))
        }
        assert not whole[PLAIN].equals(boxed[PLAIN])
        assert moved["whole"] > 0


class TestOutOfSeries:
    def test_a_run_without_a_series_is_read_on_it(
        self, results: Path, tiny_data: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write_network(results, "lacking", tiny_data, without_series="IM")
        assert measure("lacking", tiny_data, results) == 0
        file = results / "runs" / "lacking" / OUT_OF_SERIES
        assert capsys.readouterr().out.splitlines() == [str(file)]
        table = pd.read_csv(file)
        assert len(table) == 12, "all normal films of the training pool, none of the test films"
        assert (table["truth"] == 0).all()
        assert table["image"].str.contains("/IM-").all()
        assert not (file.parent / STRESS).exists()

    def test_its_readings_count_beside_those_under_stress(
        self, results: Path, tmp_path: Path
    ) -> None:
        files = {"a": [1.0, 2.0], "b": [3.0, 6.0]}
        for name, logits in files.items():
            folder = write_run(tmp_path, name)
            table = pd.DataFrame({"image": ["x", "y"], "patient": ["x", "y"], "split": "train"})
            table.assign(truth=0, logit=logits).to_csv(folder / OUT_OF_SERIES, index=False)
        assert out_of_series_of(["a", "b"], tmp_path)["logit"].tolist() == [2.0, 4.0]
        shutil.copytree(results / "runs" / "one", tmp_path / "runs" / "one")
        alone = readings_of(["one"], tmp_path)
        with_both = readings_of(["one"], tmp_path, ["a+b", "a"])
        assert with_both["logit"].tolist() == [*alone["logit"], 2.0, 4.0, 1.0, 2.0]
        with pytest.raises(StressMissing, match="one"):
            readings_of(["one"], tmp_path, ["one"])


def test_a_run_that_lacks_a_condition_is_not_judged(results: Path, tmp_path: Path) -> None:
    shutil.copytree(results / "runs", tmp_path / "runs")
    lacking = table_of(tmp_path, "one").drop(columns=FRAMES[-1])
    lacking.to_csv(tmp_path / "runs" / "one" / STRESS, index=False)
    with pytest.raises(StressMissing, match="one"):
        stress_of(["one"], tmp_path)
