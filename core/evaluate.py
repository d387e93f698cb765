"""Measure a shipped model on a set of films: ``python -m core.evaluate --help``."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from core.calibration import ReviewBand
from core.data.folder import (
    Record,
    cause_of,
    patient_of,
    read_films,
    required,
    scan_split,
    training_pool,
)
from core.errors import ReadingRoomError
from core.i18n import DEFAULT_LANGUAGE
from core.inference import Diagnostician
from core.metrics import METRICS, sigmoid, with_intervals
from core.models import ModelCard, load_card
from core.models.weights import DEFAULT_MODEL
from core.options import add_folders
from core.preprocess import squash
from core.published import field_table
from core.results import (
    RESULTS_FOLDER,
    TEST,
    VALIDATION,
    log_look,
    predictions_table,
    write_json,
    write_table,
)
from core.runs import films_held_out
from core.seeds import with_seed
from core.selection import check_selected


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core.evaluate",
        description="Measure a shipped model at its operating point, with 95 % intervals "
        "bootstrapped by patient. The test set is only opened to a model that a committed record "
        "of core.select chose, and every look at it is logged in results/test_looks.csv.",
    )
    options.add_argument(
        "dataset",
        nargs="?",
        default=TEST,
        help="test (default), validation (the films held out of the model's training), or another "
        "folder that holds NORMAL and PNEUMONIA",
    )
    options.add_argument("--model", default=DEFAULT_MODEL, help="default: %(default)s")
    options.add_argument(
        "--seed",
        type=int,
        help="of an ensemble: measure it with this seed of every member, from the predictions of "
        "MEMBER@SEED that are in the results, and write MODEL@SEED",
    )
    options.add_argument("--why", help="why the test labels are looked at; the log keeps it")
    add_folders(options, "data", "results", "weights")
    return options


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
    films = (squash(film.pixels) for film in read_films(root, records))
    predictions = predictions_table(records, diagnostician.logits(films))
    return measure(diagnostician.card, predictions, dataset, results, trained_patients)


def measure(
    card: ModelCard,
    predictions: pd.DataFrame,
    dataset: str,
    results: Path,
    trained_patients: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Write a model's predictions on a set and their metrics, and give the metrics.

    Args:
        card: The model's card.
        predictions: As predictions.csv, calibrated.
        dataset: Name of the set.
        results: Folder of results.
        trained_patients: As ``evaluate`` takes them.
    """
    summary = {
        "model": card.name,
        "version": card.version,
        "weights_sha256": card.sha256,
        "dataset": dataset,
        "date": datetime.now(UTC).date().isoformat(),
        **with_intervals(predictions, card.threshold),
        "review": review_figures(predictions, card),
        "subgroups": subgroup_figures(predictions, card.threshold, trained_patients),
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
        as ``core.metrics.with_intervals`` gives it (None where no film is left).
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


def _table(summary: dict[str, Any]) -> str:
    """The metrics as lines that a person reads."""
    counts = " ".join(f"{name.upper()} {count}" for name, count in summary["confusion"].items())
    lines = [
        f"{summary['model']} {summary['version']} on {summary['dataset']}: "
        f"{summary['n']} films of {summary['patients']} patients, "
        f"threshold {summary['threshold']:.4f}",
        counts,
    ]
    review = summary["review"]
    if review["rest"]:
        lines.append(
            f"review       {review['share']:.4f} of the films ({review['n']}); "
            f"accuracy on the rest {review['rest']['accuracy']['value']:.4f}"
        )
    for name in METRICS:
        figure = summary[name]
        if figure["value"] is None:
            lines.append(f"{name:12} not defined")
        else:
            interval = f"{figure['low']:.4f} to {figure['high']:.4f}"
            lines.append(f"{name:12} {figure['value']:.4f}   95 % interval {interval}")
    return "\n".join(lines)


def _summary(options: argparse.Namespace) -> dict[str, Any]:
    """Measure what the command line asks for."""
    card = load_card(options.model, options.weights)
    trained = frozenset[str]()
    if options.dataset == TEST:
        check_selected(card.runs, options.results)
        pool = training_pool(required(options.data))
        trained = frozenset(patient_of(Path(record.image).stem) for record in pool)
    if options.seed is not None:
        card, predictions = with_seed(card, options.seed, options.dataset, options.results)
        return measure(card, predictions, options.dataset, options.results, trained)
    model = Diagnostician.load(options.model, options.weights)
    root, records, name = films_of(options.dataset, model, options.data, options.results)
    return evaluate(model, root, records, name, options.results, trained)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where nothing could be measured."""
    options = parser().parse_args(arguments)
    if options.data and Path(options.dataset).resolve() == (options.data / TEST).resolve():
        options.dataset = TEST  # a look is a look, by name or by path
    if options.dataset == TEST and not options.why:
        parser().error("a look at the test labels is logged: say why with --why")
    try:
        summary = _summary(options)
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if options.dataset == TEST:
        log_look(summary, options.why, options.results)
    print(_table(summary))
    if options.dataset == TEST:
        print(f"\n{field_table(DEFAULT_LANGUAGE, options.results, options.weights)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
