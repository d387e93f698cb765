"""Synthetic films to train on, drawn into a folder that the same weights and seed make anew."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from core.data.folder import Record, hold_out, training_pool
from core.data.labels import CLASSES, Label
from core.evaluation.finished_runs import SPLIT_SETTINGS
from core.models.generator.generator import load_generator
from core.models.generator.picture import png_file
from core.models.hardware import is_bf16_fast
from core.results.folder import write_json
from core.training.classifier.config import BALANCE, TrainConfig
from core.training.classifier.synthetic_films import RECORD, synthetic_folder, wanted_films

_BATCH = 64


def films_of_study(records: Sequence[Record], share: float) -> dict[Label, int]:
    """How many films of each class a share of the training films, and balance, ask for at most."""
    amounts = (str(share), BALANCE)
    each = [wanted_films(records, TrainConfig(synthetic=amount)) for amount in amounts]
    return {label: max(wanted[label] for wanted in each) for label in CLASSES}


def draw_films(data: Path, results: Path, weights: Path, share: float, seed: int) -> Path:
    """Draw synthetic films for training; films that are there already are not drawn again.

    Args:
        data: The data folder, whose training films are counted.
        results: Folder of results.
        weights: Where the generator ships.
        share: Films of each class, as a share of its training films.
        seed: Of the drawing.

    Returns:
        The folder: NORMAL and PNEUMONIA with PNG files of 128 px, the first ones of a larger share
        the same as those of a smaller one.

    Raises:
        WeightsError: The generator cannot be trusted.
        DataError: The data folder cannot be used.
    """
    card, generator = load_generator(weights)
    records = hold_out(training_pool(data), card.folds, card.fold, card.split_seed)
    folder = synthetic_folder(results)
    split = {name: getattr(card, name) for name in SPLIT_SETTINGS}
    made_by = {"weights_sha256": card.sha256, "seed": seed, **split}
    _make_room(folder, made_by)
    for label, count in films_of_study(records, share).items():
        (folder / label).mkdir(exist_ok=True)
        files = {number: folder / label / f"{label}-{number:06}.png" for number in range(count)}
        missing = [number for number, file in files.items() if not file.is_file()]
        for start in range(0, len(missing), _BATCH):
            numbers = missing[start : start + _BATCH]
            films = generator.draw(
                label, numbers, seed, card.steps, card.guidance, fast=is_bf16_fast()
            )
            for number, film in zip(numbers, films, strict=True):
                draft = files[number].with_name(f".{files[number].name}.draft")
                draft.write_bytes(png_file(film))
                draft.replace(files[number])
            print(f"{label}: {start + len(numbers)} of {len(missing)} drawn", flush=True)
    return folder


def _make_room(folder: Path, made_by: dict[str, object]) -> None:
    """The folder, without films of other weights or of another seed."""
    record = folder / RECORD
    if folder.is_dir() and not (record.is_file() and _is_by(record, made_by)):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(record, made_by)


def _is_by(record: Path, made_by: dict[str, object]) -> bool:
    written: object = json.loads(record.read_text(encoding="utf-8"))
    return written == made_by
