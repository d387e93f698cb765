"""Text of unknown origin, made fit to be shown, and to stand in a table.

A file's name or a header may hold signs that a page, a terminal or a viewer obeys instead of
showing, and what a spreadsheet runs as a formula
(https://owasp.org/www-community/attacks/CSV_Injection).
"""

import json
import re
from typing import TYPE_CHECKING
from unicodedata import category, normalize

if TYPE_CHECKING:
    import pandas as pd


_JOINERS = "\u200c\u200d"  # Persian, Indian scripts and emoji are written with these
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_PASSED_OVER = _HIDDEN | {"Zs", "Mn", "Me"}
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
_OPENS_A_FORMULA = "=+-@|"
_NEW_CELL = re.compile("([;\t\n\v\f\r\x85\u2028\u2029])")
"""What may part cells for a program that was told nothing of commas and quotes."""


def is_hidden(sign: str) -> bool:
    """Whether a sign is a control, turns the direction of writing, or has no width."""
    return category(sign) in _HIDDEN and sign not in _JOINERS


def plain(text: str) -> str:
    r"""A text with its hidden signs written out as JSON does, line breaks among them.

    Examples:
        >>> plain("film\u202egnp.dcm"), plain("a\nb"), plain("김 é.png")
        ('film\\u202egnp.dcm', 'a\\nb', '김 é.png')
    """
    return "".join(json.dumps(sign)[1:-1] if is_hidden(sign) else sign for sign in text)


def csv_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before what might be.

    Examples:
        >>> csv_cell("=1+1"), csv_cell(" @SUM(A1)"), csv_cell("a;=1"), csv_cell("film-1.png")
        ("'=1+1", "' @SUM(A1)", "a;'=1", 'film-1.png')
    """
    parts = (f"'{part}" if _is_formula(part) else part for part in _NEW_CELL.split(text))
    guarded = "".join(parts)
    return f"'{guarded}" if _is_formula(text) and not guarded.startswith("'") else guarded


def why(error: OSError | MemoryError) -> str:
    """What stood in the way of writing, in the words of the operating system."""
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def csv_bytes(table: "pd.DataFrame") -> bytes:
    """A table as CSV without its index, no text in it a formula; numbers stay numbers.

    Returns:
        UTF-8 with a byte order mark, by which Excel knows it.
    """
    import pandas as pd

    safe = table.map(lambda cell: csv_cell(cell) if isinstance(cell, str) else cell)
    safe.columns = pd.Index([csv_cell(str(name)) for name in table.columns])
    text: str = safe.to_csv(index=False, lineterminator="\r\n")
    return text.encode("utf-8-sig")


def _is_formula(text: str) -> bool:
    """Whether the first sign that is not passed over opens a formula, in any of its widths."""
    first = next((sign for sign in text if not _is_passed_over(sign)), None)
    return first is not None and normalize("NFKC", first)[0] in _OPENS_A_FORMULA


def _is_passed_over(sign: str) -> bool:
    return (
        category(sign) in _PASSED_OVER
        or sign in _BLANK_LETTERS
        or normalize("NFKC", sign)[0] in '";,'
    )
