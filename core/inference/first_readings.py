"""Readings that came before the verdict was seen: an independent reader beside the model."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from core.data.labels import CLASSES, Label, Verdict
from core.messages.plain import csv_bytes

FEWEST_FOR_KAPPA = 10
"""Films that both called normal or pneumonia, before kappa says anything."""


@dataclass(frozen=True, slots=True)
class FirstReading:
    """What the reader said of a film before the model's verdict was shown.

    Args:
        film_sha256: Of the film's file.
        weights_sha256: Of the weights that read it.
        reader: The reader's verdict.
        model: The model's.
        probability: Of pneumonia, by the model, 0 to 1.
        truth: The film's label; None where it is not known.
    """

    film_sha256: str
    weights_sha256: str
    reader: Verdict
    model: Verdict
    probability: float
    truth: Label | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A session's readings.

    Args:
        films: How many.
        agreed: On how many reader and model said the same.
        kappa: Cohen's, over the films that both called normal or pneumonia, -1 to 1; None where
            they are too few, or one of the two used a single class.
        known: Of how many the truth is known.
        reader_right: Of those, how many the reader called rightly; review is not right.
        model_right: And the model.
    """

    films: int
    agreed: int
    kappa: float | None
    known: int
    reader_right: int
    model_right: int


def summary(readings: Sequence[FirstReading]) -> Summary:
    """Reader and model beside each other, and both beside the truth where it is known."""
    known = [reading for reading in readings if reading.truth]
    return Summary(
        films=len(readings),
        agreed=sum(reading.reader == reading.model for reading in readings),
        kappa=_kappa(readings),
        known=len(known),
        reader_right=sum(reading.reader == Verdict(str(reading.truth)) for reading in known),
        model_right=sum(reading.model == Verdict(str(reading.truth)) for reading in known),
    )


def _kappa(readings: Sequence[FirstReading]) -> float | None:
    both = [
        (reading.reader, reading.model)
        for reading in readings
        if Verdict.REVIEW not in (reading.reader, reading.model)
    ]
    reader, model = zip(*both, strict=True) if both else ((), ())
    if len(both) < FEWEST_FOR_KAPPA or len(set(reader)) < 2 or len(set(model)) < 2:
        return None
    from sklearn.metrics import cohen_kappa_score  # loaded when there is one to compute

    return float(cohen_kappa_score(reader, model))


def label_in_path(name: str) -> Label | None:
    """The class that a film's folder is named after, as in the data folder; None elsewhere.

    Examples:
        >>> label_in_path("test/NORMAL/film.jpeg"), label_in_path("film.jpeg")
        (<Label.NORMAL: 'NORMAL'>, None)
    """
    folders = name.split("/")[:-1]
    return next((label for label in CLASSES if label in folders), None)


def csv_of(readings: Sequence[FirstReading]) -> bytes:
    """The readings as a table, a line a film, UTF-8 with a byte order mark; no file names."""
    import pandas as pd

    table = pd.DataFrame([asdict(reading) for reading in readings])
    return csv_bytes(table)
