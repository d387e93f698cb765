"""A site's films as the model reads them: a row a film, without its name."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit
from tqdm import tqdm

from core.data.folder import Record, merge_identical
from core.data.labels import CLASSES
from core.evaluation.commissioning.labels import Listed
from core.imaging import Film
from core.inference.diagnosis import Diagnosis
from core.inference.file_predictions import Source, read_each
from core.inference.model import Diagnostician
from core.messages.errors import FilmError, FilmMissing, NotAChestFilm

COLUMNS = (
    *("patient", "truth", "unread", "stopped", "logit", "brightness", "lungs"),
    *("age_years", "year", "view"),
)
MISSING, UNREADABLE, GATE = "missing", "unreadable", "gate"
_SUREST = 1e-15
_VIEWS = ("AP", "PA")


def read_site(diagnostician: Diagnostician, folder: Path, listed: Sequence[Listed]) -> pd.DataFrame:
    """Read a site's films.

    Args:
        diagnostician: The model, with its shipped settings.
        folder: Where the films are.
        listed: The table.

    Returns:
        A row a listed film, columns ``COLUMNS``: ``unread`` is why it has no reading and
        ``stopped`` why no plain verdict, empty where it has one; ``logit`` is not calibrated;
        ``lungs`` is the share of the film that is lung. Patients who share an identical film are
        one.
    """
    sources = (Source(folder / each.file, Path(each.file)) for each in listed)
    progress = tqdm(
        read_each(diagnostician, sources),
        "Reading films",
        total=len(listed),
        unit="film",
        disable=not sys.stderr.isatty(),
    )
    rows, records = [], []
    for number, (each, read) in enumerate(zip(listed, progress, strict=True)):
        row: dict[str, Any] = {
            "truth": CLASSES.index(each.label),
            "unread": "",
            "stopped": "",
            "age_years": each.age_years,
            "year": each.year,
        }
        if isinstance(read.found, FilmError):
            row |= _why_not(read.found)
            sha256 = f"none {number}"
        else:
            film, diagnosis = read.found
            row |= _measured(film, diagnosis)
            row["age_years"] = film.facts.age_years if each.age_years is None else each.age_years
            sha256 = film.sha256
        rows.append(row)
        records.append(Record(str(number), "site", each.label, each.patient, sha256))
    patients = [record.patient for record in merge_identical(records)]
    numbers = pd.factorize(np.array(patients))[0]
    return pd.DataFrame(rows).assign(patient=numbers).reindex(columns=list(COLUMNS))


def _why_not(error: FilmError) -> dict[str, str]:
    if isinstance(error, NotAChestFilm):
        return {"stopped": GATE}
    return {"unread": MISSING if isinstance(error, FilmMissing) else UNREADABLE}


def _measured(film: Film, diagnosis: Diagnosis) -> dict[str, Any]:
    probability = np.clip(diagnosis.probability, _SUREST, 1 - _SUREST)
    view = (film.facts.view or "").upper()
    return {
        "stopped": _stopped_by(diagnosis),
        "logit": float(logit(probability)) * diagnosis.temperature,
        "brightness": float(film.pixels.mean()),
        "lungs": float(diagnosis.lungs_map.over(224, 224).mean()),
        "view": view if view in _VIEWS else "other" if view else None,
    }


def _stopped_by(diagnosis: Diagnosis) -> str:
    """The room that says first why a film gets no plain verdict; empty where it gets one."""
    return diagnosis.reasons[0].key.partition(".")[0] if diagnosis.reasons else ""
