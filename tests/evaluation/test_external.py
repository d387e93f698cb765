"""A set from elsewhere: what its thumbnails give away, and its views."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.data.folder import scan_split
from core.evaluation.external import beside, by_view, thumbnail_figures
from core.results.predictions import predictions_table

SIDE_PX = 64


def draw(root: Path, patients: int, told: bool) -> None:
    """Two noisy films a patient, the ill ones brighter on the left if ``told``."""
    random = np.random.default_rng(0)
    for label in ("NORMAL", "PNEUMONIA"):
        (root / label).mkdir(parents=True)
        for number in range(2 * patients):
            film = random.normal(120, 40, (SIDE_PX, SIDE_PX))
            if told and label == "PNEUMONIA":
                film[:, : SIDE_PX // 2] += 60
            patient = number // 2 + (patients if label == "PNEUMONIA" else 0)
            file = root / label / f"{patient:08d}_{number % 2:03d}.png"
            Image.fromarray(film.clip(0, 255).astype(np.uint8)).save(file)


@pytest.mark.parametrize("told", [True, False])
def test_a_thumbnail_scores_what_it_gives_away(tmp_path: Path, told: bool) -> None:
    draw(tmp_path, 20, told)
    figures = thumbnail_figures(tmp_path, scan_split(tmp_path, ".", "elsewhere"))
    assert figures is not None
    assert figures["auroc"]["value"] > 0.95 if told else figures["auroc"]["value"] < 0.75


def test_too_few_patients_are_not_dealt_into_folds(tmp_path: Path) -> None:
    draw(tmp_path, 3, told=True)
    records = scan_split(tmp_path, ".", "elsewhere")
    predictions = predictions_table(records, np.zeros(len(records), np.float32))
    found = beside(tmp_path, records, predictions, 0.5)
    assert found == {"views": None, "thumbnail": None}


def test_views_are_told_apart_where_they_are_known(tmp_path: Path) -> None:
    draw(tmp_path, 4, told=True)
    records = scan_split(tmp_path, ".", "elsewhere")
    right = np.array([1.0 if record.label == "PNEUMONIA" else -1.0 for record in records])
    lying = np.arange(len(records)) % 2 == 0
    logits = np.where(lying, right, -right).astype(np.float32)
    predictions = predictions_table(records, logits)
    assert by_view(tmp_path, predictions, 0.5) is None
    views = pd.DataFrame({"image": predictions["image"], "view": np.where(lying, "AP", "PA")}).iloc[
        :-2
    ]
    views.to_csv(tmp_path / "views.csv", index=False)
    found = by_view(tmp_path, predictions, 0.5)
    assert found is not None
    assert (found["AP"]["auroc"]["value"], found["PA"]["auroc"]["value"]) == (1.0, 0.0)
    assert found["AP"]["n"] + found["PA"]["n"] == len(records) - 2
