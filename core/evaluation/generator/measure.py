"""What the drawn films are worth: how alike real ones they are, and whether any is a copy."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data.labels import CLASSES
from core.evaluation.generator.features import NETWORK, Features, Floats
from core.evaluation.generator.likeness import NEIGHBOURS, likeness, some
from core.evaluation.generator.memory import COPY_PERCENTILE, Memory, Nearest, is_copy
from core.evaluation.generator.real_films import RealFilms, real_films
from core.models.generator.generator import Films, load_generator
from core.models.hardware import is_bf16_fast
from core.results.folder import SYNTHETIC_FOLDER, write_json, write_table

METRICS, DISTANCES = "metrics.json", "distances.csv"
HELD_OUT, DRAWN = "held_out", "synthetic"


def measure(data: Path, results: Path, weights: Path, most: int, seed: int) -> Mapping[str, Any]:
    """Draw films of each class and write what they are worth.

    Args:
        data: The data folder.
        results: Folder of results; ``synthetic/metrics.json`` and ``distances.csv`` are written.
        weights: Where the generator ships.
        most: Films of a class at most; as many as it was trained on if these are fewer.
        seed: Of the drawing.

    Raises:
        WeightsError: The generator cannot be trusted.
        DataError: The data folder cannot be used.
        HeldOutDiffers: Its films are not those of the training.
    """
    card, generator = load_generator(weights)
    real, features = real_films(data, card), Features()
    drawn: dict[str, Films] = {}
    for label in CLASSES:
        count = min(most, int((real.taught_labels == label).sum()))
        print(f"drawing {count} films of class {label}", flush=True)
        drawn[label] = generator.draw(
            label, range(count), seed, card.steps, card.guidance, fast=is_bf16_fast()
        )
    memory = Memory(real.taught, features)
    held_out = memory.nearest(real.held_out)
    distances = {label: memory.nearest(films) for label, films in drawn.items()}
    content = {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": card.version,
        "weights_sha256": card.sha256,
        "seed": seed,
        "steps": card.steps,
        "guidance": card.guidance,
        "features": NETWORK,
        "neighbours": NEIGHBOURS,
        "likeness": _likeness(real, drawn, features),
        "memorisation": _memorisation(held_out, distances),
    }
    folder = results / SYNTHETIC_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / DISTANCES, _table(real, held_out, distances))
    write_json(folder / METRICS, content)
    return content


def _likeness(
    real: RealFilms, drawn: Mapping[str, Films], features: Features
) -> dict[str, dict[str, Any]]:
    """By class, drawn films and as many training films, each against the films held out.

    The training films tell what the figures are of films that are real: with so few films FID is
    far over 0 for these too.
    """
    of_class = {}
    for label, films in drawn.items():
        held_out: Floats = features.of(real.held_out[real.held_out_labels == label])
        taught = some(features.of(real.taught[real.taught_labels == label]), len(films))
        of_class[label] = {
            "n": len(films),
            "n_held_out": len(held_out),
            DRAWN: likeness(held_out, features.of(films)),
            "real": likeness(held_out, taught),
        }
    return of_class


def _memorisation(held_out: Nearest, drawn: Mapping[str, Nearest]) -> dict[str, Any]:
    """The distances under which a film counts as a copy, and the share of drawn films that do."""
    limits = held_out.limits()
    return {
        "percentile": COPY_PERCENTILE,
        "limits": dict(zip(("pixels", "features"), limits, strict=True)),
        "copies": {
            label: {"n": int(is_copy(each, limits).sum()), "of": len(each.pixels)}
            for label, each in drawn.items()
        },
        "held_out": {"n": int(is_copy(held_out, limits).sum()), "of": len(held_out.pixels)},
    }


def _table(real: RealFilms, held_out: Nearest, drawn: Mapping[str, Nearest]) -> pd.DataFrame:
    """A row a film, columns ``set``, ``label``, ``number``, ``pixels`` and ``features``."""
    parts = [(HELD_OUT, real.held_out_labels, held_out)]
    parts += [(DRAWN, np.full(len(each.pixels), label), each) for label, each in drawn.items()]
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "set": name,
                    "label": labels,
                    "number": range(len(labels)),
                    "pixels": each.pixels,
                    "features": each.features,
                }
            )
            for name, labels, each in parts
        ]
    )
