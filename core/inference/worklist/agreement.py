"""Does the reader agree with the model? Counted over the films that the reader judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.data.labels import CLASSES, Label, Verdict
from core.inference.worklist.rows import Row

FEWEST_FOR_KAPPA = 10
"""Films with a verdict that the reader has to judge before kappa says anything."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the reader agreed.

    Args:
        counts: Of each verdict, how many films the reader agreed with (True), disagreed with
            (False) and said nothing of (None).
        agreed: How many of the films judged.
        judged: On how many the reader said something.
        kappa: Cohen's kappa of model and reader over the films called normal or pneumonia, -1 to
            1: to disagree is to call the other class. None where they are too few, or where one
            of the two used a single class, when kappa says nothing.
    """

    counts: Mapping[Verdict, Mapping[bool | None, int]]
    agreed: int
    judged: int
    kappa: float | None


def agreement(rows: Sequence[Row]) -> Agreement:
    """Compare the reader with the model."""
    counts: dict[Verdict, dict[bool | None, int]] = {
        verdict: {True: 0, False: 0, None: 0} for verdict in Verdict
    }
    for row in rows:
        if row.diagnosis:
            counts[row.diagnosis.verdict][row.opinion.agrees] += 1
    agreed = sum(said[True] for said in counts.values())
    judged = agreed + sum(said[False] for said in counts.values())
    return Agreement(counts, agreed, judged, _kappa(counts))


def _kappa(counts: Mapping[Verdict, Mapping[bool | None, int]]) -> float | None:
    model: list[Label] = []
    reader: list[Label] = []
    for label, other in (CLASSES, CLASSES[::-1]):
        said = counts[Verdict(label)]
        model += [label] * (said[True] + said[False])
        reader += [label] * said[True] + [other] * said[False]
    if len(model) < FEWEST_FOR_KAPPA or len(set(model)) < 2 or len(set(reader)) < 2:
        return None
    from sklearn.metrics import cohen_kappa_score  # loaded when there is one to compute

    return float(cohen_kappa_score(model, reader))
