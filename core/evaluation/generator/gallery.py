"""The gallery: a few drawn films that ship, chosen and marked.

A film ships where the input gate takes it for an upright film without a doubt, where it is nearer
to no training film than films of other patients are, and where the default model calls it by its
class, outside of the review band. Chosen so, the gallery says nothing of the model's accuracy.
"""

import hashlib
import itertools
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.data.labels import CLASSES, Label, Verdict
from core.data.samples import GALLERY_NAME
from core.evaluation.generator.features import Features
from core.evaluation.generator.memory import Memory, is_copy
from core.evaluation.generator.real_films import real_films
from core.imaging import Film, read_film
from core.inference.gate import FilmKind, shared_gate
from core.inference.model import shared_diagnostician
from core.models.generator.generator import (
    Films,
    Generator,
    GeneratorCard,
    drawn_size,
    load_generator,
)
from core.models.generator.picture import dicom_file, marked, png_file
from core.results.folder import SYNTHETIC_FOLDER, write_json

RECORD = "gallery.json"
FIRST_NUMBER = 100_000
"""Candidates have numbers of their own: none is among the films that were measured."""

MOST_CANDIDATES, _BATCH = 640, 32


@dataclass(frozen=True, slots=True)
class Candidate:
    """A drawn film as it would ship.

    Args:
        number: That decided it, with its class and the seed.
        png: The marked film as a file.
        film: What is read from that file.
    """

    number: int
    png: bytes
    film: Film

    @property
    def small(self) -> Films:
        """The film as it ships, at the size at which it was drawn: (1, 128, 128)."""
        return drawn_size((self.film.pixels[None] * 255).round().astype(np.uint8))


def make_gallery(
    data: Path, results: Path, weights: Path, each: int, seed: int
) -> Mapping[str, Any]:
    """Choose films of both classes, write them as PNG and DICOM with a record of the choice.

    Args:
        data: The data folder.
        results: Folder of results; the gallery is written to ``synthetic/gallery`` below it.
        weights: Where the generator ships.
        each: Films of a class.
        seed: Of the drawing.

    Raises:
        WeightsError: The generator, the gate or the default model cannot be trusted.
        DataError: The data folder cannot be used.
        HeldOutDiffers: Its films are not those of the training.
    """
    card, generator = load_generator(weights)
    real = real_films(data, card)
    memory = Memory(real.taught, Features())
    limits = memory.nearest(real.held_out).limits()
    folder = results / SYNTHETIC_FOLDER / GALLERY_NAME
    draft = folder.with_name(f".{folder.name}")
    shutil.rmtree(draft, ignore_errors=True)
    tallies: dict[str, dict[str, int]] = {}
    rows: list[dict[str, Any]] = []
    for label in CLASSES:
        (draft / label).mkdir(parents=True)
        tally = dict.fromkeys(("drawn", "gate", "copy", "model"), 0)
        chosen = _chosen(_candidates(generator, card, label, seed), label, memory, limits, tally)
        for place, (candidate, told) in enumerate(itertools.islice(chosen, each), start=1):
            rows += _written(draft, label, place, candidate, told)
        tallies[label] = tally
    content = {
        "generator": card.version,
        "weights_sha256": card.sha256,
        "model_sha256": shared_diagnostician().card.sha256,
        "seed": seed,
        "limits": dict(zip(("pixels", "features"), limits, strict=True)),
        "candidates": tallies,
        "films": rows,
    }
    write_json(draft / RECORD, content)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return content


def _candidates(
    generator: Generator, card: GeneratorCard, label: Label, seed: int
) -> Iterator[Candidate]:
    """Drawn films of a class as they would ship, one after the other."""
    end = FIRST_NUMBER + MOST_CANDIDATES
    for start in range(FIRST_NUMBER, end, _BATCH):
        numbers = range(start, min(start + _BATCH, end))
        films = generator.draw(label, numbers, seed, card.steps, card.guidance)
        for number, film in zip(numbers, films, strict=True):
            png = png_file(marked(film))
            yield Candidate(number, png, read_film(png))


def _chosen(
    candidates: Iterator[Candidate],
    label: Label,
    memory: Memory,
    limits: tuple[float, float],
    tally: dict[str, int],
) -> Iterator[tuple[Candidate, dict[str, float]]]:
    """The candidates that pass, in the order in which they were drawn, with what was measured.

    Args:
        candidates: Of one class.
        label: The class.
        memory: The training films.
        limits: Distances under which a film counts as a copy.
        tally: Counts how many were drawn, and how many fell out at each check.
    """
    model = shared_diagnostician()
    for candidate in candidates:
        tally["drawn"] += 1
        if not passes_gate(candidate.film):
            tally["gate"] += 1
            continue
        nearest = memory.nearest(candidate.small)
        if is_copy(nearest, limits).any():
            tally["copy"] += 1
            continue
        diagnosis = model.diagnose(candidate.film)
        if diagnosis.verdict != Verdict(label):
            tally["model"] += 1
            continue
        yield (
            candidate,
            {
                "probability": round(diagnosis.probability, 6),
                "pixels": round(float(nearest.pixels[0]), 6),
                "features": round(float(nearest.features[0]), 6),
            },
        )


def passes_gate(film: Film) -> bool:
    """Whether the gate takes it for an upright film of the kind that it knows, without a doubt."""
    report = shared_gate().inspect(film)
    is_upright = not report.quarter_turns and not report.inverted
    return report.kind is FilmKind.FILM and is_upright and not report.notices


def _written(
    folder: Path, label: Label, place: int, candidate: Candidate, told: Mapping[str, float]
) -> Iterator[dict[str, Any]]:
    """Write a film as PNG and as DICOM; gives its rows of the record."""
    pixels = (candidate.film.pixels * 255).round().astype(np.uint8)
    name = f"{label.lower()}-{place}"
    for suffix, file in (("png", candidate.png), ("dcm", dicom_file(pixels, name))):
        (folder / label / f"{name}.{suffix}").write_bytes(file)
        yield {
            "file": f"{label}/{name}.{suffix}",
            "sha256": hashlib.sha256(file).hexdigest(),
            "label": label,
            "number": candidate.number,
            **told,
        }
