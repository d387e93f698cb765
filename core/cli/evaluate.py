"""Measure a shipped model on a set of films: ``python -m core evaluate --help``."""

import argparse
import sys
from pathlib import Path
from typing import Any

from core.cli.options import add_folders
from core.data.folder import patient_of, required, training_pool
from core.evaluation.evaluate import evaluate, films_of, measure
from core.evaluation.frames import measure_frames
from core.evaluation.heat import measure_heat
from core.evaluation.other_seeds import with_seed
from core.evaluation.selection import check_selected
from core.inference.model import Diagnostician
from core.messages.catalogue import DEFAULT_LANGUAGE
from core.messages.errors import ReadingRoomError
from core.metrics.classification import METRICS
from core.models import load_card
from core.models.weights import DEFAULT_MODEL
from core.reporting.documents.published import field_table
from core.results.evaluations import TEST
from core.results.looks import log_look
from core.results.robustness import OUTCOMES, Figure


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core evaluate",
        description="Measure a shipped model at its operating point, with 95 % intervals "
        "bootstrapped by patient. The test set is only opened to a model that a committed record "
        "of the command select chose, and every look is logged in results/test_looks.csv.",
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
    other = options.add_mutually_exclusive_group()
    other.add_argument(
        "--frames",
        action="store_true",
        help="measure instead how often the verdict stays under eight frames that leave the lungs "
        "alone, and write evaluations/MODEL/frames.csv and frames.json; it reads no labels",
    )
    other.add_argument(
        "--heat",
        action="store_true",
        help="measure instead how much of the default heatmap's heat lies inside the lungs that a "
        "human outlined, over test and validation pneumonias, and write results/heat",
    )
    options.add_argument("--why", help="reason for the test look, for the log")
    add_folders(options, "data", "results", "weights")
    return options


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


def _share(figure: Figure) -> str:
    return f"{figure['value']:.4f} ({figure['low']:.4f} to {figure['high']:.4f})"


def _frames(options: argparse.Namespace) -> str:
    """Measure verdicts under frames; lines that a person reads."""
    model = Diagnostician.load(options.model, options.weights)
    films = films_of(options.dataset, model, options.data, options.results)
    found = measure_frames(model, *films, options.results)
    lines = [f"{model.card.name}: verdict unchanged, class changed, changed silently"]
    for frame, figures in found.frames.items():
        told = "   ".join(_share(figures[outcome]) for outcome in OUTCOMES)
        lines.append(f"{frame:18}{told}   n {figures['unchanged']['n']}")
    return "\n".join(lines)


def _heat(options: argparse.Namespace) -> str:
    """Measure where the heat lies; lines that a person reads."""
    model = Diagnostician.load(options.model, options.weights)
    found = measure_heat(model, required(options.data), options.results)
    lines = [f"{model.card.name}: heat inside the lungs, hottest point inside"]
    for name, figures in found.sets.items():
        told = [_share(share) for share in (figures.share, figures.hottest) if share]
        lines.append(f"{name:12}{'   '.join(told) or 'no heat'}   n {figures.films}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where nothing could be measured."""
    options = parser().parse_args(arguments)
    if options.data and Path(options.dataset).resolve() == (options.data / TEST).resolve():
        options.dataset = TEST  # a look is a look, by name or by path
    unlabelled = _frames if options.frames else _heat if options.heat else None
    if options.dataset == TEST and not options.why and unlabelled is None:
        parser().error("a look at the test labels is logged: say why with --why")
    try:
        if unlabelled is not None:
            print(unlabelled(options))
            return 0
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
