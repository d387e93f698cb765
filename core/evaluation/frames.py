"""What the frame does to the verdict: films in eight frames that leave their lungs alone.

Each verdict is held against the one on the film as it is. No film's label has a part in it.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from core.data.conditions import PLAIN
from core.data.films import Films
from core.data.folder import Record
from core.data.frames import FRAMES
from core.data.labels import Verdict
from core.evaluation.stressed_films import StressedFilms
from core.imaging.framing import lungs_boxes
from core.inference.diagnosis import label_at, verdict_of
from core.inference.model import Diagnostician
from core.inference.read import read_films
from core.metrics.logits import sigmoid
from core.metrics.shares import mean_of
from core.models import ModelCard
from core.models.hardware import reading_device
from core.results.evaluations import FRAMES_NAME, TEST
from core.results.folder import write_table
from core.results.looks import log_unlabelled_look
from core.results.robustness import ALL_FRAMES, OUTCOMES, Figure, FrameFigures, write_frames


def measure_frames(
    model: Diagnostician, root: Path, records: tuple[Record, ...], dataset: str, results: Path
) -> FrameFigures:
    """Measure a model's verdicts under all frames; write frames.csv and frames.json.

    Args:
        model: The model.
        root: The folder that the records' paths start from.
        records: The films.
        dataset: Name of the set.
        results: Folder of results; the files are written to ``evaluations/MODEL`` below it.

    Raises:
        FilmUnreadable: A film cannot be read.
        WeightsError: The lungs segmenter cannot be trusted.
    """
    card = model.card
    table = logits_in_frames(model, StressedFilms(root, records, results))
    found = FrameFigures(
        dataset=dataset,
        films=len(table),
        patients=int(table["patient"].nunique()),
        frames=figures_of(table, card),
        segmenter_sha256=model.segmenter.card.sha256,
    )
    folder = results / "evaluations" / card.name
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / f"{FRAMES_NAME}.csv", table)
    write_frames(card, found, results)
    if dataset == TEST:
        why = "verdicts under eight frames against those without; no label takes part"
        log_unlabelled_look(card.name, card.version, card.sha256, why, len(table), results)
    return found


def logits_in_frames(model: Diagnostician, films: StressedFilms) -> pd.DataFrame:
    """The calibrated logits of films as they are and in every frame.

    Args:
        model: The model.
        films: The N films.

    Returns:
        A row a film: ``image``, ``patient``, ``plain`` and a column a frame, empty where no lungs
        were found, since there is no verdict then.
    """
    columns = {
        "image": [record.image for record in films.records],
        "patient": [record.patient for record in films.records],
    }
    table = pd.DataFrame(columns)
    for condition in tqdm((PLAIN, *FRAMES), "Frames", disable=not sys.stderr.isatty()):
        table[condition] = _logits(model, films.under(condition))
    return table


def _logits(model: Diagnostician, films: Films) -> NDArray[np.float32]:
    device = reading_device()
    each = [
        read_films(network.to(device), network.framing, films, fast=False)
        for network in model.networks
    ]
    logits: NDArray[np.float32] = np.mean(each, axis=0) / np.float32(model.card.temperature)
    return np.where(_has_lungs(films), logits, np.float32(np.nan))


def _has_lungs(films: Films) -> NDArray[np.bool_]:
    lungs = torch.from_numpy(np.array(films.lungs))[:, None].float() / 255
    found: NDArray[np.bool_] = lungs_boxes(lungs)[1].numpy()
    return found


def figures_of(table: pd.DataFrame, card: ModelCard) -> dict[str, dict[str, Figure]]:
    """How often the verdict stays, for each frame and, as ``all``, for all of them.

    Args:
        table: As ``logits_in_frames`` gives it.
        card: The model's.

    Returns:
        By frame, then by ``OUTCOMES``: ``n``, ``value``, ``low`` and ``high``, bootstrapped by
        patient.
    """
    events = {frame: _outcomes(table, frame, card) for frame in FRAMES}
    events[ALL_FRAMES] = {
        outcome: np.concatenate([events[frame][outcome] for frame in FRAMES])
        for outcome in OUTCOMES
    }
    patients = dict.fromkeys(FRAMES, table["patient"])
    patients[ALL_FRAMES] = pd.concat([table["patient"]] * len(FRAMES), ignore_index=True)
    return {
        frame: {outcome: mean_of(found, patients[frame]) for outcome, found in outcomes.items()}
        for frame, outcomes in events.items()
    }


def _outcomes(table: pd.DataFrame, frame: str, card: ModelCard) -> Mapping[str, NDArray[np.bool_]]:
    """Which films each of ``OUTCOMES`` holds for, (N,)."""
    (plain, its_class), (framed, framed_class) = (
        _told(table[column], card) for column in (PLAIN, frame)
    )
    changed = plain != framed
    silent = changed & (plain != Verdict.REVIEW) & (framed != Verdict.REVIEW)
    return {"unchanged": ~changed, "class_changed": its_class != framed_class, "silent": silent}


def _told(logits: pd.Series, card: ModelCard) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """The verdict and the class of each film; review, and no class, where no lungs were found."""
    verdicts, classes = [], []
    for logit, probability in zip(logits, sigmoid(logits.fillna(0.0)).tolist(), strict=True):
        found = not np.isnan(logit)
        verdicts.append(verdict_of(probability, card) if found else Verdict.REVIEW)
        classes.append(label_at(probability, card.threshold) if found else "")
    return np.array(verdicts, dtype=str), np.array(classes, dtype=str)
