"""Measure the lungs segmenter against human outlines, by split and class."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from core.data.dataset import as_films, load_pixels
from core.data.folder import DEFAULT_SPLIT, Record, hold_out, scan_split, training_pool
from core.data.outlines import outlined, read_outlines
from core.imaging.framing import LUNGS_FROM, stretch
from core.metrics.overlap import dice
from core.models.hardware import reading_device
from core.models.lungs import LungsNetwork
from core.models.lungs_card import LUNGS_FOLDER, load_shipped_lungs
from core.results.evaluations import TEST
from core.results.folder import write_table
from core.results.looks import log_unlabelled_look
from core.results.lungs import DICE_COLUMNS, LungsResults, figures_of, write_lungs
from core.results.progress import RUNNING_FOLDER

_FILMS_AT_ONCE, _KEPT_AT_ONCE = 32, 128


def dice_of(
    network: LungsNetwork, pixels: NDArray[np.uint8], outlines: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """The Dice coefficient of each film, (N,).

    Args:
        network: In evaluation mode, on the device that reads.
        pixels: (N, 224, 224), 0 black to 255 white.
        outlines: (N, 224, 224), where a human saw lung.
    """
    device = next(network.parameters()).device
    found = [np.empty(0, np.float32)]
    for start in range(0, len(pixels), _FILMS_AT_ONCE):
        some = slice(start, start + _FILMS_AT_ONCE)
        films = stretch(as_films(pixels[some]).to(device))
        with torch.inference_mode():
            lungs = network(films.contiguous(memory_format=torch.channels_last)).float().sigmoid()
        truth = torch.from_numpy(outlines[some]).to(device)
        found.append(dice(lungs[:, 0] > LUNGS_FROM, truth).cpu().numpy())
    return np.concatenate(found)


def measure_lungs(data: Path, results: Path, folder: Path = LUNGS_FOLDER) -> Path:
    """Measure the shipped segmenter and write ``results/lungs``; continue where it was interrupted.

    Validation films are those of the patients that its training held out. The test films are
    measured too, and the log of looks tells so: their classes have no part in it.

    Args:
        data: The data folder, with the outlines beside it.
        results: Folder of results.
        folder: Where the segmenter ships.

    Returns:
        The folder written to.

    Raises:
        WeightsError: The segmenter is missing or damaged.
        DataError: The films or the outlines cannot be read.
    """
    card, network = load_shipped_lungs(folder)
    network = network.to(reading_device())
    pool = hold_out(training_pool(data), *DEFAULT_SPLIT)
    records = outlined(data, sorted((*pool, *scan_split(data, TEST, TEST)), key=_place))
    partial = results / RUNNING_FOLDER / f"dice-{card.sha256[:12]}.csv"
    table = _measured(network, data, records, partial)
    today = datetime.now(UTC).date().isoformat()
    measured = LungsResults(card.version, card.sha256, today, figures_of(table))
    why = "agreement of the lungs segmenter with human outlines; no class label takes part"
    tests = int((table["split"] == TEST).sum())
    log_unlabelled_look("lungs", card.version, card.sha256, why, tests, results)
    folder = write_lungs(measured, table, results)
    partial.unlink()
    return folder


def _measured(
    network: LungsNetwork, data: Path, records: Sequence[Record], partial: Path
) -> pd.DataFrame:
    """A row a film; what an interrupted measurement has left in a file is not measured again."""
    partial.parent.mkdir(parents=True, exist_ok=True)
    names = [(record.image, record.split, record.label.value) for record in records]
    table = pd.DataFrame(names, columns=list(DICE_COLUMNS[:-1])).assign(dice=np.nan)
    if partial.is_file():
        known = pd.read_csv(partial).set_index("image")["dice"]
        table["dice"] = table["image"].map(known)
    left = np.flatnonzero(table["dice"].isna())
    for start in tqdm(range(0, len(left), _KEPT_AT_ONCE), disable=not sys.stderr.isatty()):
        places = left[start : start + _KEPT_AT_ONCE]
        some = [records[place] for place in places]
        found = dice_of(network, load_pixels(data, some), read_outlines(data, some))
        table.loc[places, "dice"] = found
        write_table(partial, table)
    return table


def _place(record: Record) -> tuple[int, str]:
    """Training films first, then those held out, then test films; each class together."""
    return ("train", "validation", TEST).index(record.split), record.label.value
