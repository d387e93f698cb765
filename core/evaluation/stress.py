"""Runs on films that they have not seen: held out, under stress, or of a series they lacked.

Recipes are chosen by these figures; no test film is ever read here.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import torch
from tqdm import tqdm

from core.data.conditions import CONDITIONS, PLAIN
from core.data.folder import Record, training_pool
from core.data.labels import Label
from core.evaluation.finished_runs import films_held_out, run_network, settings_of
from core.evaluation.stressed_films import StressedFilms
from core.imaging.framings import WHOLE
from core.inference.read import read_films
from core.models import Network
from core.models.hardware import reading_device
from core.models.lungs_card import LUNGS_FOLDER
from core.results.folder import write_table
from core.results.predictions import films_table, predictions_table
from core.results.runs import OUT_OF_SERIES, STRESS


def stressed_predictions(
    network: Network, framing: str, films: StressedFilms, conditions: Sequence[str]
) -> pd.DataFrame:
    """The logit of every film under conditions.

    Args:
        network: In evaluation mode, on the device that reads.
        framing: How it reads films.
        films: The N films.
        conditions: Some of ``CONDITIONS``.

    Returns:
        A row a film: ``image``, ``patient``, ``split``, ``truth``, and a column a condition.
    """
    table = films_table(films.records)
    for condition in tqdm(conditions, "Conditions", disable=not sys.stderr.isatty()):
        table[condition] = read_films(network, framing, films.under(condition))
    return table


def measure(
    name: str,
    data: Path,
    results: Path,
    segmenter_folder: Path = LUNGS_FOLDER,
    conditions: Sequence[str] = CONDITIONS,
) -> Path:
    """Measure one run under the conditions that its stress.csv lacks, and write it.

    A run that was trained without a series of films is read on these, as they are, and
    out_of_series.csv is written instead.

    Args:
        name: The run's name.
        data: The data folder that it was trained on.
        results: Folder of results.
        segmenter_folder: Where the lungs segmenter ships.
        conditions: Some of ``CONDITIONS``.

    Raises:
        RunMissing: There is no such run.
        WeightsError: Its folder holds no weights any more, or the lungs segmenter is not there.
        DataError: The data folder is not the run's.
    """
    settings = settings_of(name, results)
    network = run_network(name, results).requires_grad_(False).to(reading_device())
    network = network.to(memory_format=torch.channels_last)
    records = films_held_out([name], data, results)
    folder, framing = results / "runs" / name, settings["framing"]
    whole = framing in WHOLE
    if settings["without_series"] != "none":
        series = _of_series(settings["without_series"], data)
        films = StressedFilms(data, series, results, segmenter_folder, whole)
        logits = read_films(network, framing, films.under(PLAIN))
        write_table(folder / OUT_OF_SERIES, predictions_table(series, logits))
        return folder / OUT_OF_SERIES
    films = StressedFilms(data, records, results, segmenter_folder, whole)
    before = films_table(records)
    file = folder / STRESS
    if file.is_file() and (known := pd.read_csv(file))["image"].equals(before["image"]):
        before = known
    lacking = [condition for condition in conditions if condition not in before]
    measured = stressed_predictions(network, framing, films, lacking)
    write_table(file, before.assign(**{name: measured[name] for name in lacking}))
    return file


def _of_series(series: str, data: Path) -> tuple[Record, ...]:
    """The normal films of a series in the training pool."""
    return tuple(
        record
        for record in training_pool(data)
        if record.label == Label.NORMAL and record.patient.startswith(f"{series}-")
    )
