"""Text of unknown origin: no formula in a table, no sign that is obeyed instead of shown."""

import csv
import io
import json

import pandas as pd
import pytest

from core.messages.plain import csv_bytes, csv_cell, plain

BEFORE = [
    *("", " ", "\u00a0", "\u3000", "\t", "\r", "\n", "\r\n", "\v", "\f", "\0", "\x7f", "\x85"),
    *("\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u2066", "\u00ad", "\u034f", "\ufe0f"),
    *("\u115f", "\u2800", "\u3164", ";", ",", '"', '""', '";', " \ufeff\t;", "；", "\u2028"),
]
SIGNS = ["=", "+", "-", "@", "|", "＝", "＋", "－", "＠", "｜", "﹦", "﹢", "﹣", "﹫"]


def as_spreadsheets_read(text: str) -> list[str]:
    """All cells of a table, whichever sign a program takes for the border of cells."""
    rows = (row for sign in ",;\t" for row in csv.reader(io.StringIO(text), delimiter=sign))
    return [cell for row in rows for cell in row]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", BEFORE, ids=ascii)
def test_no_cell_is_a_formula(before: str, sign: str) -> None:
    formula = f"{before}{sign}1+cmd"
    guarded = csv_cell(formula)
    assert guarded.startswith("'")
    assert guarded.replace("'", "") == formula, "nothing is lost"
    assert csv_cell(guarded) == guarded, "and nothing is guarded twice"


@pytest.mark.parametrize("formula", ["a;=1+1;b", "a\t=1+1\tb", "a\n=1+1", "a\r\n;@SUM(1)", ";=1;"])
def test_no_cell_is_one_where_others_borders_are_taken(formula: str) -> None:
    table = csv_bytes(pd.DataFrame({"number": [1], "file": [formula], "last": ["x"]}))
    cells = as_spreadsheets_read(table.decode("utf-8-sig"))
    assert len(cells) > 6
    assert not [cell for cell in cells if cell.lstrip(' "').startswith(("=", "@"))]


@pytest.mark.parametrize(
    "name",
    [
        *("film-1.png", "a=b+c.png", "김 시험.dcm", "O'Neill, left - lateral", "‐5 °C", ""),
        *("x@y.org", "3 | 4", "left; right", "note\nsecond line", "'quoted'", "(=1)", "100 %"),
    ],
)
def test_ordinary_words_stay_as_they_are(name: str) -> None:
    assert csv_cell(name) == name


def test_numbers_stay_numbers_and_names_of_columns_are_guarded() -> None:
    table = pd.DataFrame({"=x": [-0.5, None], "n": [-3, 4], "ok": [True, False], "t": ["-1", "a"]})
    assert csv_bytes(table).decode("utf-8-sig") == (
        "'=x,n,ok,t\r\n-0.5,-3,True,'-1\r\n,4,False,a\r\n"
    )
    assert list(table) == ["=x", "n", "ok", "t"], "the table itself stays"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("film\u202egnp.exe", r"film\u202egnp.exe"),
        ("a\nb\tc\x1b[2J\x7f\x9b", r"a\nb\tc\u001b[2J\u007f\u009b"),
        ("\ufeffa\u200bb\u2066c\u2028d", r"\ufeffa\u200bb\u2066c\u2028d"),
        ("\udcff\U000e0041", r"\udcff\udb40\udc41"),
        ("<b>**x**</b> [a](b) `c`", "<b>**x**</b> [a](b) `c`"),
        ("می\u200cخواهم 김 é 👩\u200d⚕ 王.png", "می\u200cخواهم 김 é 👩\u200d⚕ 王.png"),
    ],
)
def test_hidden_signs_are_written_out_and_the_rest_stays(name: str, shown: str) -> None:
    assert plain(name) == shown
    assert plain(shown) == shown


def test_json_stays_the_same_json() -> None:
    value = {"file": 'a\u202e"\n\x9b\U000e0041\\'}
    assert json.loads(plain(json.dumps(value, ensure_ascii=False))) == value
