"""Does the heatmap show what the verdict rests on? ``python -m core.masking --help``.

The hottest fifth of each held-out true positive's heatmap is covered, and so are random fifths of
the same shape. Where the heatmap is faithful, covering its hot places lowers the logit of pneumonia
more than covering random ones.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from core.data.dataset import as_films, load_pixels
from core.data.folder import Record, required
from core.errors import ReadingRoomError
from core.explain import GRAD_CAM
from core.inference import Diagnostician
from core.labels import Label
from core.methods import METHODS, Method
from core.metrics import sigmoid
from core.models.weights import DEFAULT_MODEL
from core.options import add_folders
from core.results import write_json
from core.runs import films_held_out
from core.second_look import HOT_SHARE, RANDOM_MASKS, masked
from core.studies import masking_of, scales_of

FILMS = 200
QUICK = tuple(method.name for method in METHODS.values() if not method.masked_passes)
_SEED = 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    options = argparse.ArgumentParser(
        prog="python -m core.masking",
        description="Measure on held-out true positives how often covering the hottest fifth of "
        "the heatmap lowers the logit more than covering random fifths, and write "
        "results/masking/MODEL.json.",
    )
    options.add_argument("--model", default=DEFAULT_MODEL, help="default: %(default)s")
    options.add_argument(
        "--methods",
        nargs="+",
        default=QUICK,
        choices=tuple(METHODS),
        metavar="METHOD",
        help=f"some of {', '.join(METHODS)}; what they measured before is kept. All but Grad-CAM "
        "need the model's scales, core.scales. Default: those that are quick",
    )
    add_folders(options, "data", "results", "weights")
    return options


def falls(
    model: Diagnostician, films: Tensor, method: Method, divisors: Sequence[float]
) -> NDArray[np.bool_]:
    """Whether covering the hot cells lowers the logit more than covering random cells, on average.

    Args:
        model: The model.
        films: (N, 1, 224, 224), in [0, 1], as ``core.preprocess.squash`` makes them.
        method: Which heatmap.
        divisors: One a network, as in ``core.methods.Scale``.

    Returns:
        (N,).
    """
    random = np.random.default_rng(_SEED)
    lower = []
    for film in tqdm(films, method.title, disable=not sys.stderr.isatty()):
        evidence = model.evidence(film, method, divisors)
        lower.append(masked(model, film, evidence, random).fell)
    return np.array(lower)


def true_positives(
    model: Diagnostician, films: Tensor, records: Sequence[Record]
) -> NDArray[np.intp]:
    """The pneumonias that the model calls pneumonia at its operating point, as indices."""
    called = sigmoid(model.logits(films)) >= model.card.threshold
    ill = np.array([record.label == Label.PNEUMONIA for record in records])
    return np.flatnonzero(called & ill)


def measure(
    model: Diagnostician, methods: Sequence[str], data: Path, results: Path
) -> dict[str, Any]:
    """Measure methods of a model and write its masking.json.

    A method whose scale has not been measured for these weights is passed over.

    Raises:
        RunMissing: The model's run is not there.
        DataError: The data folder is not the run's.
    """
    card = model.card
    divisors = {GRAD_CAM: (1.0,) * len(model.networks)}
    scales = scales_of(card.name, card.sha256, results)
    divisors |= {name: scale.divisors for name, scale in scales.items()}
    records = films_held_out(card.runs, data, results)
    films = as_films(load_pixels(data, records))
    found = true_positives(model, films, records)
    drawn = np.random.default_rng(_SEED).permutation(found)[:FILMS]
    before = masking_of(card.name, card.sha256, results)
    lowered: dict[str, float] = dict(before["lowered"]) if before else {}
    for name in methods:
        if name in divisors:
            fell = falls(model, films[drawn], METHODS[name], divisors[name])
            lowered[name] = round(float(fell.mean()), 6)
    summary = {
        "model": card.name,
        "version": card.version,
        "weights_sha256": card.sha256,
        "date": datetime.now(UTC).date().isoformat(),
        "films": len(drawn),
        "hot_share": HOT_SHARE,
        "random_masks": RANDOM_MASKS,
        "lowered": lowered,
    }
    folder = results / "masking"
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / f"{card.name}.json", summary)
    return summary


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where nothing could be measured."""
    options = parser().parse_args(arguments)
    try:
        model = Diagnostician.load(options.model, options.weights)
        summary = measure(model, options.methods, required(options.data), options.results)
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(
        f"{summary['model']}: of {summary['films']} true positives, covering the hottest fifth "
        "lowers the logit more than random fifths in"
    )
    for name, share in summary["lowered"].items():
        print(f"{share:8.1%}  {METHODS[name].title}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
