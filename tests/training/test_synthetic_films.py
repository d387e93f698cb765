"""Synthetic films among those of a training: how many, where from, and what stays as it was."""

import math
from pathlib import Path
from typing import Any

import pytest

from core.data.folder import Record, hold_out, training_pool
from core.data.labels import CLASSES, Label
from core.messages.errors import HeldOutDiffers, SyntheticMissing
from core.results.folder import write_json
from core.results.runs import read_run
from core.training.classifier.config import BALANCE, TrainConfig
from core.training.classifier.data_module import prior_shift
from core.training.classifier.synthetic_films import (
    RECORD,
    SYNTHETIC,
    synthetic_films,
    synthetic_folder,
    wanted_films,
)
from tests.conftest import draw_film
from tests.support.runs import run

FOLDS = 3


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """A folder of results with eight synthetic films of each class."""
    for label in CLASSES:
        for number in range(8):
            seed = 500 + number + 50 * CLASSES.index(label)
            draw_film(synthetic_folder(tmp_path) / label / f"{label}-{number:06}.png", seed)
    return tmp_path


@pytest.mark.parametrize(
    ("amount", "normal", "pneumonia"),
    [("none", 0, 0), ("0.25", 1, 2), ("2", 8, 16), (BALANCE, 4, 0)],
)
def test_amounts_are_shares_of_each_class_or_fill_up_the_rarer(
    tiny_data: Path, amount: str, normal: int, pneumonia: int
) -> None:
    records = hold_out(training_pool(tiny_data), FOLDS, 0, 0)
    trained = [record for record in records if record.split == "train"]
    fewer = [record for record in trained if record.label == Label.NORMAL][:4]
    kept = [*fewer, *(record for record in records if record.label == Label.PNEUMONIA)]
    wanted = wanted_films(kept, TrainConfig(synthetic=amount))
    assert wanted == {Label.NORMAL: normal, Label.PNEUMONIA: pneumonia}


@pytest.mark.parametrize(
    ("settings", "taught"),
    [
        ({"balance": "loss"}, 1.0),
        ({"balance": "sampler"}, 1.0),
        ({"balance": "none"}, 3.0),
        ({"balance": "none", "synthetic": BALANCE}, 1.0),
        ({"balance": "loss", "synthetic": BALANCE}, 1.0),
    ],
)
def test_logits_are_moved_from_the_taught_share_to_the_real_one(
    settings: dict[str, Any], taught: float
) -> None:
    def films(label: Label, split: str, count: int) -> tuple[Record, ...]:
        return tuple(
            Record(f"{split}-{label}-{number}", split, label, f"{split}-{label}-{number}", "")
            for number in range(count)
        )

    records = films(Label.NORMAL, "train", 4) + films(Label.PNEUMONIA, "train", 12)
    if "synthetic" in settings:
        records += films(Label.NORMAL, "synthetic", 8)
    shift = prior_shift(records, TrainConfig(**settings))
    assert shift == pytest.approx(math.log(3.0 / taught))


@pytest.mark.parametrize("amount", ["many", "0", "-1", "nan", "inf"])
def test_other_amounts_are_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="synthetic"):
        TrainConfig(synthetic=amount)


def test_too_few_drawn_films_are_an_error(tiny_data: Path, drawn: Path, tmp_path: Path) -> None:
    records = hold_out(training_pool(tiny_data), FOLDS, 0, 0)
    with pytest.raises(SyntheticMissing, match="16 synthetic NORMAL"):
        synthetic_films(records, TrainConfig(synthetic="2"), drawn)
    with pytest.raises(SyntheticMissing):
        synthetic_films(records, TrainConfig(synthetic="0.25"), tmp_path / "nowhere")


def test_films_of_a_generator_that_saw_the_held_out_films_are_refused(
    tiny_data: Path, drawn: Path
) -> None:
    records = hold_out(training_pool(tiny_data), FOLDS, 1, 0)
    write_json(synthetic_folder(drawn) / RECORD, {"folds": FOLDS, "fold": 0, "split_seed": 0})
    with pytest.raises(HeldOutDiffers):
        synthetic_films(records, TrainConfig(synthetic="0.25", folds=FOLDS, fold=1), drawn)


@pytest.mark.usefixtures("tiny_network")
def test_a_run_with_synthetic_films_has_as_many_steps_and_validates_on_real_ones(
    tiny_data: Path, drawn: Path
) -> None:
    plain = read_run(run(tiny_data, drawn, name="plain", folds=FOLDS))
    added = read_run(run(tiny_data, drawn, name="added", folds=FOLDS, synthetic="0.5"))
    splits = added.summary["data"]["splits"]
    assert splits[SYNTHETIC] == {"NORMAL": 4, "PNEUMONIA": 4, "patients": 8}
    assert {name: splits[name] for name in ("train", "validation")} == plain.summary["data"][
        "splits"
    ]
    assert list(added.predictions["image"]) == list(plain.predictions["image"])
    assert list(added.history["learning_rate"]) == list(plain.history["learning_rate"])
    assert list(added.history["train_loss"]) != list(plain.history["train_loss"])
