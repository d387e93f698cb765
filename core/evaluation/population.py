"""Measure the population reader: how many films it tells right, plain, under stress, elsewhere.

Right is a child's film told as a child's, an adult's as an adult's, and what is no single frontal
film as neither. Labels of disease play no part.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from core.data.adult_films import ADULTS_NAME, scan_adults
from core.data.conditions import OF_ONE_FILM, PLAIN, under
from core.data.dataset import as_films, load_pixels
from core.data.exchange import exchange
from core.data.folder import Record, held_out, hold_out, list_films, scan_split, training_pool
from core.data.frames import FRAMES, in_frame
from core.data.labels import CLASSES, Population
from core.data.other_views import film_of_two, lateral
from core.data.outlines import lung_heights
from core.imaging import Film, FilmFacts, read_film_file
from core.inference.lungs import lungs_map
from core.inference.lungs_checks import no_verdict_without
from core.inference.population import PopulationReader
from core.messages.errors import FilmError
from core.metrics.rates import wilson_of

FOLDS, FOLD, SPLIT_SEED = 8, 0, 0
"""The split whose validation films nothing was trained on."""

STRESS_FILMS = 100
"""So many held-out films of each population are read under each condition."""

OTHER_VIEWS = 30
_NO_FACTS = Film(np.zeros((1, 1), np.float32), "0" * 64, FilmFacts("PNG", 1, 1, bits=8))
"""Nothing but the picture is known."""

EXCHANGED = "exchanged"
"""The exposure and shading of a film of the other population."""


def told(reader: PopulationReader, images: Iterable[Tensor]) -> list[Population]:
    """Whose film each is by the picture and its lungs: each (1, H, W), float32, in [0, 1].

    What gets no plain verdict and is no adult's film counts as neither.
    """
    found = []
    for located in reader.segmenter.each(images):
        reading = reader.read(_NO_FACTS, located)
        is_doubted = reading.population is Population.CHILD and no_verdict_without(
            lungs_map(located)
        )
        found.append(Population.NEITHER if is_doubted else reading.population)
    return found


def counted(answers: Sequence[Population], right: Population) -> dict[str, Any]:
    """How many of a set are told right, with a 95 % Wilson interval.

    Returns:
        ``n``, a count of each population by its name, ``told_right`` (a share), ``low``, ``high``.
    """
    counts = Counter(answers)
    low, high = wilson_of(counts[right], len(answers))
    return {
        "n": len(answers),
        **{its.lower(): counts[its] for its in Population},
        "told_right": round(counts[right] / len(answers), 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def under_stress(
    films: Tensor, others: Tensor, reader: PopulationReader
) -> Iterator[tuple[str, list[Population]]]:
    """Answers under each condition and in each frame, by its name.

    Args:
        films: (N, 1, 224, 224), in [0, 1], of one population.
        others: (M, 1, 224, 224), of the other.
        reader: The reader.
    """
    progress = tqdm((*OF_ONE_FILM, EXCHANGED, *FRAMES), disable=not sys.stderr.isatty())
    for name in progress:
        if name in OF_ONE_FILM:
            seen = (under(name, film, index).clamp(0, 1) for index, film in enumerate(films))
        elif name == EXCHANGED:
            seen = (
                exchange(film, others[index % len(others)], share=1.0).clamp(0, 1)
                for index, film in enumerate(films)
            )
        else:
            seen = (_in_frame(name, film, reader) for film in films)
        yield name, told(reader, seen)


def _in_frame(frame: str, film: Tensor, reader: PopulationReader) -> Tensor:
    lungs = reader.segmenter.locate([film]).found.lungs
    return in_frame(frame, film[None], lungs)[0]


def other_views(films: Tensor, count: int) -> dict[str, Iterator[Tensor]]:
    """Films of two and drawn lateral views, ``count`` of each."""
    random = np.random.default_rng(7)
    pairs = [random.choice(len(films), 2, replace=False) for _ in range(count)]
    return {
        "films_of_two": (film_of_two((films[a], films[b]), random) for a, b in pairs),
        "lateral_drawn": (lateral(random)[:1] for _ in range(count)),
    }


def on_held_out(reader: PopulationReader, data: Path, stressed: int) -> dict[str, Any]:
    """Figures of held-out children's and adults' films, and of what is made of them.

    Args:
        reader: The reader.
        data: The data folder, with the adults' beside it.
        stressed: Films of each population that are read under stress.
    """
    adults = data.parent / ADULTS_NAME
    marked = hold_out(scan_adults(adults), FOLDS, FOLD, SPLIT_SEED)
    films = {
        Population.CHILD: as_films(load_pixels(data, held_out(data, FOLDS, FOLD, SPLIT_SEED))),
        Population.ADULT: as_films(
            load_pixels(adults, [each for each in marked if each.split == "validation"])
        ),
    }
    sets: dict[str, Any] = {}
    conditions: dict[str, Any] = {}
    for right, (own, other) in zip(
        films, (list(films.values()), list(films.values())[::-1]), strict=True
    ):
        sets[f"held_out_{right.lower()}"] = counted(told(reader, own), right)
        some = own[_spread(len(own), stressed)]
        conditions[right.lower()] = {
            name: counted(answers, right)
            for name, answers in under_stress(some, other, reader)
            if name != PLAIN
        }
    every = torch.cat(list(films.values()))
    for name, images in other_views(every, OTHER_VIEWS).items():
        sets[name] = counted(told(reader, images), Population.NEITHER)
    return {"sets": sets, "conditions": conditions}


def _spread(length: int, count: int) -> list[int]:
    """Up to ``count`` places, evenly spread."""
    places = np.linspace(0, length - 1, min(length, count)).round().astype(int)
    return [int(place) for place in np.unique(places)]


def on_folder(reader: PopulationReader, folder: Path, right: Population) -> dict[str, Any]:
    """Figures of all films of a folder that can be read."""
    return counted(told(reader, _images(list_films(folder))), right)


def _images(files: Iterable[Path]) -> Iterator[Tensor]:
    for file in files:
        try:
            yield torch.from_numpy(read_film_file(file).pixels.copy())[None]
        except FilmError:
            continue


def sizes(
    data: Path, tested: Sequence[Record], answers: Sequence[Population]
) -> dict[str, dict[str, float]]:
    """How high lungs are in the films before these were squashed, which no reader here sees.

    Told a child's or not, that says whether a test film shows a grown body; and training films of
    both classes say whether these are of children of one size.

    Args:
        data: The data folder.
        tested: The official test films.
        answers: What is told of each.

    Returns:
        By group, ``n`` films with an outline and ``median_px``; a group without any is left out.
    """
    pool = training_pool(data)
    told_child = [answer is Population.CHILD for answer in answers]
    groups = {
        "test_child": list(compress(tested, told_child)),
        "test_others": list(compress(tested, (not each for each in told_child))),
        **{
            f"training_{label.lower()}": [each for each in pool if each.label == label]
            for label in CLASSES
        },
    }
    known = {name: lung_heights(data, records) for name, records in groups.items()}
    known = {name: heights[~np.isnan(heights)] for name, heights in known.items()}
    return {
        name: {"n": len(heights), "median_px": round(float(np.median(heights)))}
        for name, heights in known.items()
        if len(heights)
    }


def measure(
    reader: PopulationReader, data: Path, adults: Sequence[Path], stressed: int = STRESS_FILMS
) -> dict[str, Any]:
    """All figures, as results/population/run.json holds them.

    Args:
        reader: The reader.
        data: The data folder; its official test films are read too.
        adults: Folders of adults' films from elsewhere.
        stressed: Films of each population that are read under stress.

    Raises:
        DataError: A folder cannot be used.
    """
    found = on_held_out(reader, data, stressed)
    sets = found["sets"]
    tested = scan_split(data, "test", "test")
    answers = told(reader, _images(data / record.image for record in tested))
    sets["official_test"] = counted(answers, Population.CHILD)
    for folder in adults:
        sets[folder.name] = on_folder(reader, folder, Population.ADULT)
    return {
        "version": reader.card.version,
        "weights_sha256": reader.card.sha256,
        "date": datetime.now(UTC).date().isoformat(),
        **found,
        "lung_heights": sizes(data, tested, answers),
    }
