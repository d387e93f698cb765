"""The classes, the populations, their order, and what a verdict can say: defined here alone."""

from enum import StrEnum


class Label(StrEnum):
    """A class of the training data; the name is the folder's name."""

    NORMAL = "NORMAL"
    PNEUMONIA = "PNEUMONIA"


class Verdict(StrEnum):
    """What a reader is told of a film: a class, or that a radiologist should read it."""

    NORMAL = "NORMAL"
    PNEUMONIA = "PNEUMONIA"
    REVIEW = "REVIEW"


class Population(StrEnum):
    """Whose film it is: of a child as those it learned, of an adult, or neither for certain."""

    CHILD = "CHILD"
    ADULT = "ADULT"
    NEITHER = "NEITHER"


POPULATIONS = (Population.CHILD, Population.ADULT, Population.NEITHER)

CLASSES = (Label.NORMAL, Label.PNEUMONIA)


def target_of(label: Label) -> float:
    """The training target of a class: the probability of pneumonia, 0.0 or 1.0."""
    return float(CLASSES.index(label))
