"""The worklist: its table, its counts, and the agreement of reader and model."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from core.data.labels import Verdict
from core.inference.worklist import Agreement, Row, Standing
from core.inference.worklist.rows import counted
from core.messages.catalogue import text
from core.reporting.numbers import written_share

if TYPE_CHECKING:
    import pandas as pd

MARKS = {
    Standing.PNEUMONIA: "◉",
    Standing.REVIEW: "◇",
    Standing.NORMAL: "○",
    Standing.REFUSED: "✕",
    Standing.WAITING: "…",
}
"""A sign beside each word, so that a column can be skimmed without colours."""

COLUMNS = (
    *("open", "picture", "standing", "probability", "file", "seen", "agreement", "remark", "note"),
)


def standing_words(standing: Standing, language: str) -> str:
    """How a file stands: a sign and a word."""
    return f"{MARKS[standing]} {text(language, f'worklist.standing.{standing.lower()}')}"


def worklist_table(rows: Sequence[Row], language: str) -> "pd.DataFrame":
    """The list as a table, columns ``COLUMNS``: one line a file, in the order given.

    ``open`` is the entry's number as text, ``picture`` a ``data:`` address, ``probability`` from
    0 to 100 or missing.
    """
    import pandas as pd

    return pd.DataFrame([_line(row, language) for row in rows], columns=list(COLUMNS))


def _line(row: Row, language: str) -> dict[str, object]:
    finding, diagnosis = row.finding, row.diagnosis
    return {
        "open": str(row.entry.number),
        "picture": finding.thumbnail if finding else "",
        "standing": standing_words(row.standing, language),
        "probability": _percentage(diagnosis.probability) if diagnosis else None,
        "file": _file_words(row.entry.name),
        "remark": _remark(row, language),
        "agreement": agreement_words(row.opinion.agrees, language) if diagnosis else "",
        "note": row.opinion.note,
        "seen": row.seen,
    }


def _file_words(name: str) -> str:
    """A file's name first and then its folder, for a narrow column cuts off the end."""
    folder, _, file = name.rpartition("/")
    return f"{file} ({folder})" if folder else file


def _percentage(probability: float) -> float:
    """A probability in percent with one decimal, never as certain as 0 or 100."""
    return min(max(round(100 * probability, 1), 0.1), 99.9)


def _remark(row: Row, language: str) -> str:
    """Why a file is refused, or what there is to know of the film."""
    if row.finding is None:
        return ""
    if row.finding.refusal:
        return row.finding.refusal.message(language)
    return " ".join(notice.message(language) for notice in row.finding.notices)


def agreement_words(agrees: bool | None, language: str) -> str:
    """What the reader said of a verdict."""
    return text(language, f"worklist.agreement.{_SAID[agrees]}")


_SAID = {True: "agree", False: "disagree", None: "unsaid"}


def counts_words(rows: Sequence[Row], language: str) -> str:
    """How many films stand how, those alone of which there are any."""
    return " · ".join(
        f"{standing_words(standing, language)} **{films}**"
        for standing, films in counted(rows).items()
        if films
    )


def agreement_table(found: Agreement, language: str) -> "pd.DataFrame":
    """A line a verdict of the model, a column for what the reader said of it."""
    import pandas as pd

    words = partial(text, language)
    table = {
        agreement_words(said, language): [found.counts[verdict][said] for verdict in Verdict]
        for said in (True, False, None)
    }
    verdicts = [words(f"diagnosis.verdict.{verdict.lower()}") for verdict in Verdict]
    return pd.DataFrame(table, index=pd.Index(verdicts, name=words("worklist.model_says")))


def agreement_sentence(found: Agreement, language: str) -> str:
    """The share that the reader agreed with, and kappa where it says anything."""
    words = partial(text, language)
    said = words(
        "worklist.agreed",
        agreed=found.agreed,
        judged=found.judged,
        **written_share(found.agreed, found.judged, language),
    )
    if found.kappa is None:
        return f"{said} {words('worklist.no_kappa')}"
    return f"{said} {words('worklist.kappa', kappa=f'{found.kappa:.2f}')}"
