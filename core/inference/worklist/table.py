"""The worklist as CSV, without file names unless the reader asks for them."""

from collections.abc import Sequence

from core.inference.worklist.rows import Row
from core.messages.plain import csv_bytes


def csv_table(rows: Sequence[Row], language: str, with_names: bool) -> bytes:
    """The list as a table for spreadsheets, one line a file.

    Args:
        rows: The lines.
        language: Of notices and reasons; the names of columns and verdicts are the same in all.
        with_names: Whether file names may leave; a running number and the file's sha256 do anyway.

    Returns:
        As ``core.messages.plain.csv_bytes`` writes it.
    """
    import pandas as pd

    table = pd.DataFrame([_line(row, language) for row in rows], columns=list(_COLUMNS))
    if not with_names:
        table = table.drop(columns="file")
    return csv_bytes(table)


_COLUMNS = (
    *("number", "file", "file_sha256", "standing", "probability", "operating_point"),
    *("review_from", "review_to", "model", "model_version", "weights_sha256"),
    *("notices", "reason", "agreement", "note", "read_at"),
)
_AGREEMENT = {True: "agree", False: "disagree", None: ""}


def _line(row: Row, language: str) -> dict[str, object]:
    line: dict[str, object] = {
        "number": row.entry.number,
        "file": row.entry.name,
        "standing": row.standing,
        "note": row.opinion.note,
    }
    if finding := row.finding:
        notices = " ".join(notice.message(language) for notice in finding.notices)
        line |= {
            "file_sha256": finding.file_sha256,
            "model": finding.model,
            "model_version": finding.version,
            "notices": notices,
            "reason": finding.refusal.message(language) if finding.refusal else "",
            "read_at": f"{finding.read_at:%Y-%m-%dT%H:%M:%SZ}",
        }
    if diagnosis := row.diagnosis:
        line |= {
            "probability": round(diagnosis.probability, 4),
            "operating_point": round(diagnosis.threshold, 4),
            "review_from": round(diagnosis.review[0], 4),
            "review_to": round(diagnosis.review[1], 4),
            "weights_sha256": diagnosis.weights_sha256,
            "agreement": _AGREEMENT[row.opinion.agrees],
        }
    return line
