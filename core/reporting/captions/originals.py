"""Whether the findings of the original project are found here again."""

from dataclasses import dataclass

import pandas as pd

from core.messages.catalogue import text
from core.reporting.captions.study import kind_of, short_difference
from core.reporting.captions.study_names import variant_title
from core.training.experiments.study import Study
from core.training.experiments.summary import compare

_CLIENTS_VARIANT = {
    "architecture": "densenet121",
    "architecture-lungs": "densenet121",
    "mixup": "p0.3-a0.4",
    "mixup-lungs": "p0.3-a0.4",
}
"""What won in the project that is told here again, by study."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a finding of the original project is found here again.

    Args:
        verdict: ``yes``, ``no`` or ``unknown``.
        words: The numbers behind it.
    """

    verdict: str
    words: str


def answer(study: Study, table: pd.DataFrame, language: str) -> Answer | None:
    """Whether what had the lowest loss in the original project has it here; None where unasked.

    Yes where every other variant has a higher validation loss, no where one has a lower one, each
    by the interval of the paired difference; else it cannot be told, as with a single seed or with
    runs that had not converged. Of the architectures only those trained from scratch count.

    Args:
        study: The study.
        table: As ``core.training.experiments.table.read_study_table`` gives it.
        language: A language of the catalogue.
    """
    claimed = _CLIENTS_VARIANT.get(study.name)
    if claimed is None:
        return None
    done = [
        each
        for each in compare(study, table, "val_loss")
        if each.estimate and "init" not in each.variant.settings
    ]
    names = [each.variant.name for each in done]
    if claimed not in names or len(names) == 1:
        return Answer("unknown", text(language, "study.original.untrained"))
    own = done.pop(names.index(claimed))
    kinds = [kind_of(each, own) for each in done]
    verdict = "yes" if set(kinds) == {"raises"} else "no" if "lowers" in kinds else "unknown"
    words = text(
        language,
        "study.original.place",
        place=names.index(claimed) + 1,
        of=len(names),
        best=variant_title(study.name, done[0].variant.name, language),
        difference=short_difference(done[0].difference, "val_loss", language),
    )
    return Answer(verdict, words)


def original_words(study: Study, told: Answer, language: str) -> str:
    """Whether a finding of the original project holds here, in one line with the numbers."""
    claim = text(language, f"study.original.{study.name.removesuffix('-lungs')}")
    verdict = text(language, f"study.original.{told.verdict}")
    return text(language, "study.original.line", claim=claim, verdict=verdict, words=told.words)
