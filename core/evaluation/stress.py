"""Runs on their held-out films under stress.

Recipes are chosen by these figures; no test film is ever read here.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor
from tqdm import tqdm

from core.data.conditions import CONDITIONS, seen_under
from core.data.dataset import as_films, load_pixels
from core.data.folder import Record
from core.evaluation.finished_runs import films_held_out, run_network
from core.inference.evidence import read_logits
from core.inference.lungs import shared_segmenter
from core.models import Network
from core.results.folder import write_table
from core.results.predictions import films_table


def stressed_predictions(
    network: Network, films: Tensor, records: Sequence[Record], conditions: Sequence[str]
) -> pd.DataFrame:
    """The logit of every film under conditions.

    Args:
        network: In evaluation mode.
        films: (N, 1, 224, 224), float32, in [0, 1], before exposure is stretched.
        records: The N films.
        conditions: Some of ``CONDITIONS``.

    Returns:
        A row a film: ``image``, ``patient``, ``split``, ``truth``, and a column a condition.
    """
    table = films_table(records)
    for condition in tqdm(conditions, "Conditions", disable=not sys.stderr.isatty()):
        seen = seen_under(condition, films, table["truth"].tolist())
        table[condition] = read_logits([network], shared_segmenter().each(seen))
    return table


def measure(name: str, data: Path, results: Path) -> Path:
    """Measure one run under the conditions that its stress.csv lacks, and write it.

    Raises:
        RunMissing: There is no such run.
        WeightsMissing: Its folder holds no weights any more.
        DataError: The data folder is not the run's.
    """
    folder = results / "runs" / name
    network = run_network(name, results).to(memory_format=torch.channels_last)
    records = films_held_out([name], data, results)
    file = folder / "stress.csv"
    before = films_table(records)
    if file.is_file() and (known := pd.read_csv(file))["image"].equals(before["image"]):
        before = known
    lacking = [condition for condition in CONDITIONS if condition not in before]
    films = as_films(load_pixels(data, records))
    measured = stressed_predictions(network, films, records, lacking)
    write_table(file, before.assign(**{name: measured[name] for name in lacking}))
    return file
