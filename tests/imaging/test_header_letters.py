"""Letters of a header: as they were written, or none; never letters that nobody wrote."""

from collections.abc import Sequence

import pytest

from core.imaging.letters import decoded

KOREAN, JAPANESE, POLISH = (
    "Kim^Sihum=金^試驗=김^시험 검사",
    "山田^太郎=やまだ^たろう",
    "Łódź^Żaneta",
)


@pytest.mark.parametrize(
    ("encoding", "terms"),
    [
        *(("euc_kr", [term]) for term in ("ISO_IR 149", "ISO IR 149", "ISO-IR 149", "iso_ir149")),
        *(("euc_kr", [term]) for term in ("ISO 2022 IR 149", "ISO_2022_IR_149", "EUC-KR")),
        ("euc_kr", ["", "ISO 2022 IR 149"]),
        ("euc_kr", ["ISO_IR 149", "ISO_IR 100"]),
        ("euc_kr", ["ISO_IR 100", "ISO_IR 149"]),
        ("euc_kr", ["KS_C_5601-1987"]),
        *(("utf-8", [term]) for term in ("ISO_IR 192", "ISO IR 192", "UTF-8", "UTF8")),
        ("utf-8", ["ISO_IR 100"]),
        ("utf-8", ["ISO_IR 6"]),
        ("cp949", ["ISO_IR 149"]),
    ],
)
def test_a_korean_name_under_usual_misspellings(encoding: str, terms: list[str]) -> None:
    assert decoded(KOREAN.encode(encoding), terms) == KOREAN


@pytest.mark.parametrize(
    ("text", "encoding", "terms"),
    [
        (JAPANESE, "iso2022_jp", ["ISO_IR 87"]),
        (JAPANESE, "iso2022_jp", ["", "ISO 2022 IR 87"]),
        (JAPANESE, "cp932", ["ISO_IR 87"]),
        (JAPANESE, "cp932", ["SHIFT_JIS"]),
        (JAPANESE, "cp932", ["ISO_IR 13"]),
        ("Wang^XiaoDong=王^小东", "gb18030", ["GB18030"]),
        ("Wang^XiaoDong=王^小东", "gb2312", ["GB 2312"]),
        (POLISH, "iso8859_2", ["ISO_IR 101"]),
        (POLISH, "iso8859_2", ["ISO 2022 IR 101"]),
        (POLISH, "cp1250", ["windows-1250"]),
        ("Müller^Jürgen", "latin_1", ["ISO_IR 100"]),
        ("Öz^Ayşe", "iso8859_9", ["ISO_IR 148"]),
        ("Люксембург^Анна", "iso8859_5", ["ISO_IR 144"]),
        ("ПЕТРОВ^ИВАН", "iso8859_5", ["ISO_IR 144"]),
        ("Διονυσιος^Αννα", "iso8859_7", ["ISO_IR 126"]),
        ("قباني^لنزار", "iso8859_6", ["ISO_IR 127"]),
        ("שרון^דבורה", "iso8859_8", ["ISO_IR 138"]),
        ("สมชาย^ใจดี", "tis_620", ["ISO_IR 166"]),
        ("Nguyễn^Văn An", "utf-8", ["ISO_IR 192"]),
        ("Doe^Jane", "ascii", ["NONSENSE"]),
        ("Doe^Jane", "ascii", []),
    ],
)
def test_names_of_other_sets(text: str, encoding: str, terms: list[str]) -> None:
    assert decoded(text.encode(encoding), terms) == text


@pytest.mark.parametrize(
    ("text", "encoding", "terms"),
    [
        ("김^시험 검사", "euc_kr", ["ISO_IR 100"]),
        ("김^시험 검사", "euc_kr", ["ISO_IR 101"]),
        ("김^시험 검사", "euc_kr", ["ISO_IR 144"]),
        ("최^영", "euc_kr", ["ISO_IR 100"]),
        ("최^영", "euc_kr", ["ISO_IR 87"]),
        ("김^시험", "euc_kr", ["ISO_IR 192"]),
        ("김^시험", "euc_kr", ["ISO_IR 999"]),
        ("김^시험", "euc_kr", ["KOREAN"]),
        ("김^시험", "euc_kr", []),
        ("김^시험", "euc_kr", [""]),
        ("김^시험", "utf-8", []),
        ("Иванов^Пётр", "cp1251", ["ISO_IR 100"]),
        ("山田^太郎", "cp932", ["ISO_IR 100"]),
    ],
)
def test_letters_that_cannot_be_told_are_none(
    text: str, encoding: str, terms: Sequence[str]
) -> None:
    assert decoded(text.encode(encoding), terms) is None


def test_controls_are_no_letters() -> None:
    assert decoded(b"Doe\x00^\x07Jane ", []) == "Doe^Jane"
    assert decoded("M\x85ller^Anna".encode("latin_1"), ["ISO_IR 100"]) is None
