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
from core.inference import Diagnostician, read_with_evidence
from core.labels import Label
from core.metrics import sigmoid
from core.models.weights import DEFAULT_MODEL
from core.options import add_folders
from core.results import write_json
from core.runs import films_held_out
from core.second_look import HOT_SHARE, RANDOM_MASKS, masked

FILMS = 200
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
    add_folders(options, "data", "results", "weights")
    return options


def falls(model: Diagnostician, films: Tensor, seed: int = _SEED) -> NDArray[np.bool_]:
    """Whether covering the hot cells lowers the logit more than covering random cells, on average.

    Args:
        model: The model.
        films: (N, 1, 224, 224), in [0, 1], as ``core.preprocess.squash`` makes them.
        seed: Of the random masks.

    Returns:
        (N,).
    """
    random = np.random.default_rng(seed)
    lower = []
    for film in tqdm(films, "Masking", disable=not sys.stderr.isatty()):
        _, evidence = read_with_evidence(model.networks, film[None])
        lower.append(masked(model, film, evidence[0], random).fell)
    return np.array(lower)


def true_positives(
    model: Diagnostician, films: Tensor, records: Sequence[Record]
) -> NDArray[np.intp]:
    """The pneumonias that the model calls pneumonia at its operating point, as indices."""
    called = sigmoid(model.logits(films)) >= model.card.threshold
    ill = np.array([record.label == Label.PNEUMONIA for record in records])
    return np.flatnonzero(called & ill)


def measure(model: Diagnostician, data: Path, results: Path) -> dict[str, Any]:
    """Measure a model and write its masking.json.

    Raises:
        RunMissing: The model's run is not there.
        DataError: The data folder is not the run's.
    """
    records = films_held_out(model.card.runs, data, results)
    films = as_films(load_pixels(data, records))
    found = true_positives(model, films, records)
    drawn = np.random.default_rng(_SEED).permutation(found)[:FILMS]
    lowered = falls(model, films[drawn])
    summary = {
        "model": model.card.name,
        "version": model.card.version,
        "weights_sha256": model.card.sha256,
        "date": datetime.now(UTC).date().isoformat(),
        "films": len(drawn),
        "hot_share": HOT_SHARE,
        "random_masks": RANDOM_MASKS,
        "lowered": round(float(lowered.mean()), 6),
    }
    folder = results / "masking"
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / f"{model.card.name}.json", summary)
    return summary


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit status: 0, or 1 where nothing could be measured."""
    options = parser().parse_args(arguments)
    try:
        model = Diagnostician.load(options.model, options.weights)
        summary = measure(model, required(options.data), options.results)
    except ReadingRoomError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(
        f"{summary['model']}: covering the hottest fifth lowers the logit more than random fifths "
        f"in {summary['lowered']:.1%} of {summary['films']} true positives"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
