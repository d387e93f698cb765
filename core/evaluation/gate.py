"""Measure the input gate.

Three questions: how many held-out films does it stop, plain and under every stress condition; does
it notice turned and inverted ones; and how many pictures that are no films does it stop, of kinds
and sources that it was not trained against.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from core.data.conditions import OF_ONE_FILM, under
from core.data.drawn_pictures import UNSEEN
from core.data.folder import held_out, list_films, read_films
from core.data.non_films import drawn_film, scan_non_films
from core.imaging import Film, read_film_file
from core.imaging.preprocess import squash
from core.inference.gate import FilmKind, Gate, GateReport
from core.messages.errors import FilmError
from core.models.gate import TURNS

FOLDS, FOLD, SPLIT_SEED = 8, 0, 0
"""The split whose validation films nothing was trained or chosen on."""

DRAWN_PICTURES = 40
"""How many pictures of each unseen way of drawing."""

Counts = dict[str, int]


def counted(reports: Iterable[GateReport], turn: int = 0, inverted: bool = False) -> Counts:
    """What the gate said of films that all lie the same way.

    Args:
        reports: One a film.
        turn: How many quarter turns counter-clockwise the films are turned.
        inverted: Whether they are inverted.

    Returns:
        ``n``, a count of each ``FilmKind``, ``as_they_lie``: those whose turn and inversion were
        both told rightly (of a refused film upright is told), and ``set_wrong``: those that
        would be turned or inverted wrongly.
    """
    found = list(reports)
    kinds = Counter(report.kind for report in found)
    told = [(report.quarter_turns, report.inverted) for report in found]
    wrong = [(t, i) for t, i in told if t not in (0, turn) or (i and not inverted)]
    return {
        "n": len(found),
        "film": kinds[FilmKind.FILM],
        "unfamiliar": sum(
            report.kind is FilmKind.FILM and bool(report.notices) for report in found
        ),
        "doubtful": kinds[FilmKind.DOUBTFUL],
        "refused": kinds[FilmKind.NOT_A_FILM],
        "as_they_lie": told.count((turn, inverted)),
        "set_wrong": len(wrong),
    }


def stopped(reports: Iterable[GateReport], unreadable: int = 0) -> Counts:
    """What became of pictures that are no films.

    Args:
        reports: One a picture that could be read.
        unreadable: How many were refused on reading already; they do not count as stopped.
    """
    kinds = Counter(report.kind for report in reports)
    return {
        "n": sum(kinds.values()),
        "refused": kinds[FilmKind.NOT_A_FILM],
        "doubtful": kinds[FilmKind.DOUBTFUL],
        "let_in": kinds[FilmKind.FILM],
        "refused_on_reading": unreadable,
    }


def with_pixels(film: Film, pixels: Any) -> Film:
    """A film with other pixels, (H, W) in [0, 1]."""
    values = np.ascontiguousarray(pixels, np.float32)
    size = {"height_px": values.shape[0], "width_px": values.shape[1]}
    return replace(film, pixels=values, facts=replace(film.facts, **size))


def stressed(films: Sequence[Film], condition: str) -> Iterator[Film]:
    """Films as they would look under a stress condition."""
    for index, film in enumerate(films):
        image = under(condition, squash(film.pixels), index).clamp(0, 1)
        yield with_pixels(film, image[0].numpy())


def on_films(gate: Gate, films: Sequence[Film]) -> dict[str, Any]:
    """Counts of held-out films under every condition, in every turn, and inverted."""
    conditions = {
        condition: counted(gate.inspect(film) for film in stressed(films, condition))
        for condition in tqdm(OF_ONE_FILM, "Conditions", disable=not sys.stderr.isatty())
    }
    lying = {}
    for turn, inverted in product(range(TURNS), (False, True)):
        seen = (with_pixels(film, np.rot90(film.pixels, turn)) for film in films)
        shown = (with_pixels(film, 1 - film.pixels) if inverted else film for film in seen)
        name = f"turned {90 * turn}" + (", inverted" if inverted else "")
        lying[name] = counted(map(gate.inspect, shown), turn, inverted)
    return {"conditions": conditions, "lying": lying}


def on_non_films(gate: Gate, root: Path) -> dict[str, dict[str, Counts]]:
    """Counts by kind and source, the drawn ones as a source of their own."""
    kinds: dict[str, dict[str, Counts]] = {}
    for source in scan_non_films(root):
        reports = [gate.inspect(picture) for picture in source.pictures()]
        found = stopped(reports, len(source.files) - len(reports))
        kinds.setdefault(source.kind, {})[source.name] = found
    for name, draw in UNSEEN.items():
        drawn = (drawn_film(draw, seed) for seed in range(DRAWN_PICTURES))
        kinds.setdefault(name, {})["drawn"] = stopped(map(gate.inspect, drawn))
    return kinds


def on_folder(gate: Gate, folder: Path) -> Counts:
    """Counts of the films of any folder; what cannot be read is left out."""
    reports = []
    for file in list_films(folder):
        try:
            reports.append(gate.inspect(read_film_file(file)))
        except FilmError:
            continue
    return counted(reports)


def milliseconds(gate: Gate, films: Sequence[Film]) -> float:
    """Median time that a film takes on one thread, in milliseconds."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    times = []
    for film in films:
        start = time.perf_counter()
        gate.inspect(film)
        times.append(1000 * (time.perf_counter() - start))
    torch.set_num_threads(threads)
    return round(float(np.median(times)), 2)


def measure(gate: Gate, data: Path, non_films: Path, elsewhere: Sequence[Path]) -> dict[str, Any]:
    """All figures, as results/gate.json holds them.

    Args:
        gate: The gate.
        data: The data folder.
        non_films: Folder of non-films that nothing was trained against: KIND/SOURCE/files.
        elsewhere: Folders of films from elsewhere.

    Raises:
        DataError: A folder cannot be used.
    """
    films = list(read_films(data, held_out(data, FOLDS, FOLD, SPLIT_SEED)))
    kinds = on_non_films(gate, non_films)
    sources = [counts for found in kinds.values() for counts in found.values()]
    total = {name: sum(counts[name] for counts in sources) for name in sources[0]}
    return {
        "version": gate.card.version,
        "weights_sha256": gate.card.sha256,
        "date": datetime.now(UTC).date().isoformat(),
        "milliseconds_a_film": milliseconds(gate, films[:100]),
        "held_out_films": on_films(gate, films),
        "non_films_total": total,
        "non_films": kinds,
        "elsewhere": {folder.name: on_folder(gate, folder) for folder in elsewhere},
    }
