"""Where the heat lies, against outlines drawn by hand."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.cli.evaluate import main as evaluate
from core.evaluation.heat import figures_of, inside
from core.inference.heatmap import Heatmap
from core.results.robustness import heat_of
from tests.support.runs import write_run

LEFT = np.zeros((224, 224), bool)
LEFT[:, :112] = True


def heatmap(evidence: list[list[float]], full_heat: float = 1.0) -> Heatmap:
    return Heatmap(np.array(evidence, np.float32), full_heat)


class TestInside:
    def test_heat_on_one_side_lies_in_a_lung_of_that_side(self) -> None:
        right = [[0.0, 0.0, 0.0, 1.0]] * 4
        share, hottest = inside(heatmap(right), LEFT)
        assert share < 0.05
        assert hottest == 0
        share, hottest = inside(heatmap(right), ~LEFT)
        assert share > 0.95
        assert hottest == 1

    def test_nothing_is_clipped_at_full_heat(self) -> None:
        uneven = [[1.0, 1.0, 9.0, 9.0]] * 4
        loud, quiet = (inside(heatmap(uneven, full), LEFT)[0] for full in (1.0, 100.0))
        assert loud == pytest.approx(quiet)
        assert loud < 0.25

    def test_without_heat_there_is_nothing_to_tell(self) -> None:
        assert np.isnan(inside(heatmap([[0.0] * 4] * 4), LEFT)).all()

    def test_films_without_heat_are_counted_apart(self) -> None:
        table = pd.DataFrame(
            {
                "image": list("abc"),
                "patient": list("abc"),
                "split": "test",
                "share": [0.5, 1.0, np.nan],
                "hottest": [0.0, 1.0, np.nan],
            }
        )
        figures = figures_of(table)
        assert (figures.films, figures.without_heat) == (3, 1)
        assert figures.share is not None
        assert figures.share["value"] == 0.75
        assert figures.hottest is not None
        assert (figures.hottest["value"], figures.hottest["n"]) == (0.5, 2)
        assert figures_of(table.tail(1)).share is None


def test_the_command_measures_pneumonias_that_have_an_outline(
    tiny_data: Path, lungs_weights: Path, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(tiny_data, tmp_path / "data" / "chest_xray"))
    results = tmp_path / "results"
    write_run(results, "lungs-run", data)
    outlined = sorted((data / "test" / "PNEUMONIA").iterdir())[:2]
    outlined += sorted((data / "train" / "PNEUMONIA").iterdir())
    outlined += sorted((data / "test" / "NORMAL").iterdir())
    for film in outlined:
        file = data.parent / "lungs" / film.relative_to(data)
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(LEFT).save(file.with_suffix(".png"))
    where = ["--data", str(data), "--results", str(results), "--weights", str(lungs_weights)]
    assert evaluate(["--heat", "--model", "lungs", *where]) == 0
    summary = json.loads((results / "heat" / "lungs.json").read_text())
    assert summary["method"] == "cam"
    assert summary["sets"]["test"]["films"] == 2
    assert summary["sets"]["validation"]["films"] == 4
    table = pd.read_csv(results / "heat" / "lungs.csv")
    assert table["image"].str.contains("PNEUMONIA").all()
    read = heat_of("lungs", summary["weights_sha256"], results)
    assert read is not None
    assert read.sets["test"].share == summary["sets"]["test"]["share"]
    assert len(pd.read_csv(results / "test_looks.csv")) == 1
