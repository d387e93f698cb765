"""The two classes, their order, and what a verdict can say. Defined here and nowhere else."""

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


CLASSES = (Label.NORMAL, Label.PNEUMONIA)


def target_of(label: Label) -> float:
    """The training target of a class: the probability of pneumonia, 0.0 or 1.0."""
    return float(CLASSES.index(label))
