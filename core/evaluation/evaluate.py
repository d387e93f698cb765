"""Measuring a shipped model on a set of films, at its operating point."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from core.data.folder import Record, cause_of, patient_of, read_films, required, scan_split
from core.data.outlines import original_proportions
from core.evaluation.external import beside
from core.evaluation.finished_runs import films_held_out
from core.inference.lungs import image_of
from core.inference.model import Diagnostician
from core.metrics.calibration import ReviewBand
from core.metrics.classification import with_intervals
from core.metrics.logits import sigmoid
from core.models import ModelCard
from core.results.evaluations import TEST, VALIDATION
from core.results.folder import RESULTS_FOLDER, write_json, write_table
from core.results.predictions import predictions_table


def evaluate(
    diagnostician: Diagnostician,
    root: Path,
    records: tuple[Record, ...],
    dataset: str,
    results: Path = RESULTS_FOLDER,
    trained_patients: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Predict films, write predictions and metrics, and give the metrics.

    Args:
        diagnostician: The model.
        root: The folder that the records' paths start from.
        records: The films.
        dataset: Name of the set.
        results: Folder of results; the files are written to ``evaluations/MODEL`` below it.
        trained_patients: Patients of the training pool, by name, to tell apart those who share a
            name with one of them.

    Raises:
        FilmUnreadable: A film cannot be read.
    """
    films = (image_of(film) for film in read_films(root, records))
    squashed = dataset in (TEST, VALIDATION)
    proportions = original_proportions(root, records).tolist() if squashed else ()
    predictions = predictions_table(records, diagnostician.logits(films, proportions))
    card = diagnostician.card
    further = {} if squashed else beside(root, records, predictions, card.threshold)
    return measure(card, predictions, dataset, results, trained_patients, further)


def measure(
    card: ModelCard,
    predictions: pd.DataFrame,
    dataset: str,
    results: Path,
    trained_patients: frozenset[str] = frozenset(),
    further: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Write a model's predictions on a set and their metrics, and give the metrics.

    Args:
        card: The model's card.
        predictions: As predictions.csv, calibrated.
        dataset: Name of the set.
        results: Folder of results.
        trained_patients: As ``evaluate`` takes them.
        further: Figures to keep beside the metrics.
    """
    summary = {
        "model": card.name,
        "version": card.version,
        "weights_sha256": card.sha256,
        **({"with_series": list(card.with_series)} if card.with_series else {}),
        "dataset": dataset,
        "date": datetime.now(UTC).date().isoformat(),
        **with_intervals(predictions, card.threshold),
        "review": review_figures(predictions, card),
        "subgroups": subgroup_figures(predictions, card.threshold, trained_patients),
        **further,
    }
    folder = results / "evaluations" / card.name
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / f"{dataset}.csv", predictions)
    write_json(folder / f"{dataset}.json", summary)
    return summary


def review_figures(predictions: pd.DataFrame, card: ModelCard) -> dict[str, Any]:
    """How many films the card's band sends to review, and the metrics of the rest.

    Args:
        predictions: Columns ``patient``, ``truth`` and ``logit``, calibrated.
        card: The model's card.

    Returns:
        ``low`` and ``high`` of the band, ``n`` films under review, their ``share``, and ``rest``,
        as ``core.metrics.classification.with_intervals`` gives it (None where no film is left).
    """
    band = ReviewBand(card.review_low, card.review_high, card.review_alpha)
    held = band.holds(sigmoid(predictions["logit"]))
    return {
        "low": band.low,
        "high": band.high,
        "n": int(held.sum()),
        "share": round(float(held.mean()), 6),
        "rest": with_intervals(predictions[~held], card.threshold) if not held.all() else None,
    }


def subgroup_figures(
    predictions: pd.DataFrame, threshold: float, trained_patients: frozenset[str]
) -> dict[str, Any]:
    """Metrics of groups of pneumonias, each against all normal films.

    Groups: ``bacteria`` and ``virus``, by the file's name; ``shared_number`` and ``own_number``,
    by whether the patient's number also occurs in the training pool. A group without films, or one
    that is the whole set, is left out.

    Args:
        predictions: Columns ``image``, ``patient``, ``truth`` and ``logit``.
        threshold: The operating point.
        trained_patients: Names of the patients in the training pool.
    """
    ill = predictions["truth"] == 1
    cause = predictions["image"].map(cause_of)
    shared = predictions["image"].map(lambda image: patient_of(Path(image).stem))
    shared = shared.isin(trained_patients)
    groups = {
        "bacteria": cause == "bacteria",
        "virus": cause == "virus",
        "shared_number": shared,
        "own_number": ~shared,
    }
    return {
        name: with_intervals(predictions[(ill & members) | ~ill], threshold)
        for name, members in groups.items()
        if 0 < (ill & members).sum() < ill.sum()
    }


def films_of(
    dataset: str, model: Diagnostician, data: Path | None, results: Path
) -> tuple[Path, tuple[Record, ...], str]:
    """The films that a set's name stands for: their root, the records, and the set's short name.

    Raises:
        DataError: The folder, a class or a split is missing.
        RunMissing: ``validation`` was asked for, and the model's run is not there.
    """
    if dataset not in (TEST, VALIDATION):
        folder = Path(dataset).resolve()
        own = "-".join(folder.parts[-2:]) if folder.name in (TEST, VALIDATION) else folder.name
        return folder, scan_split(folder, ".", own), own
    data = required(data)
    if dataset == TEST:
        return data, scan_split(data, "test", TEST), TEST
    return data, films_held_out(model.card.runs, data, results), VALIDATION
