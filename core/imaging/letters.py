"""The letters of a DICOM header: in the character set that they were written in, or not at all.

Character sets are often misspelt, missing or wrong (PS3.3 C.12.1.1.2 has the right terms). Text in
a wrong set is worse than none: letters appear that nobody wrote. So text counts only where its
bytes decode without a fault and look like writing.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator

from pydicom.charset import convert_encodings, decode_bytes
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

_ESCAPE = b"\x1b"
_DELIMITERS = {0x5C, 0x5E, 0x3D}  # backslash, caret and equals sign end an escape sequence's reach
_CONTROLS = bytes(set(range(32)) - {0x09, 0x0A, 0x0D, 0x1B})
_TERM = re.compile(r"(?:ISO)?[\s_-]*(2022)?[\s_-]*IR[\s_-]*(\d{1,3})")
_SINGLE = {"6", "13", "100", "101", "109", "110", "126", "127", "138", "144", "148", "166", "203"}
_MULTIPLE = {"58": "gb2312", "87": "iso2022_jp", "149": "euc_kr", "159": "iso2022_jp_2"}
_UNICODE = "192"
_BY_NAME = {  # what people write for the terms, without blanks and dashes
    **dict.fromkeys(("utf8", "unicode", "unicode11utf8", "iso10646"), "utf-8"),
    **dict.fromkeys(("euckr", "ksc5601", "ksx1001", "ksc56011987"), "euc_kr"),
    **dict.fromkeys(("cp949", "ms949", "uhc", "windows949"), "cp949"),
    **dict.fromkeys(("sjis", "shiftjis", "cp932", "ms932", "windows31j"), "cp932"),
    **dict.fromkeys(("eucjp",), "euc_jp"),
    **dict.fromkeys(("iso2022jp",), "iso2022_jp"),
    **dict.fromkeys(("gb2312", "euccn"), "gb2312"),
    **dict.fromkeys(("gbk", "cp936"), "gbk"),
    **dict.fromkeys(("gb18030",), "gb18030"),
    **dict.fromkeys(("latin1", "iso88591"), "latin_1"),
    **dict.fromkeys(("latin2", "iso88592"), "iso8859_2"),
    **dict.fromkeys(("windows1250", "cp1250"), "cp1250"),
    **dict.fromkeys(("windows1251", "cp1251"), "cp1251"),
    **dict.fromkeys(("windows1252", "cp1252"), "cp1252"),
    **dict.fromkeys(("koi8r",), "koi8_r"),
}
_RELATED = {"euc_kr": "cp949", "gb2312": "gb18030", "gbk": "gb18030", "iso2022_jp": "cp932"}
_SIGNS = frozenset(" -'.,·・‐’`/()^=&:0123456789")
_HALF_WIDE = re.compile("[\uff61-\uff9f]")
_ORDINALS = frozenset("ªº")
_MODIFIERS = ("Mn", "Mc")  # vowel signs of Thai, Arabic and others


def header_text(header: Dataset, keyword: str) -> str | None:
    """An element's text, in its own letters.

    Args:
        header: A parsed data set; the element may be of any text type.
        keyword: Such as ``PatientName``.

    Returns:
        The text without blanks round it, several values joined by backslashes; empty where there
        is none; None where there is one whose letters cannot be told.
    """
    element = header.get_item(keyword) if keyword in header else None
    value = element.value if element is not None else None
    if isinstance(element, RawDataElement) and isinstance(value, bytes):
        return decoded(value, _terms(header))
    if value is None:
        return ""
    values = value if isinstance(value, MultiValue) else [value]
    return "\\".join(str(each) for each in values).strip()


def decoded(text: bytes, terms: Iterable[str]) -> str | None:
    """Bytes of a header as text.

    Args:
        text: As they stand in the file.
        terms: Specific Character Set, as it stands in the file.

    Returns:
        The text without blanks round it; None where its letters cannot be told.

    Examples:
        >>> decoded("홍^길동".encode("euc_kr"), ["ISO_IR 149"])
        '홍^길동'
        >>> decoded("홍^길동".encode("euc_kr"), ["ISO_IR 100"]) is None
        True
    """
    text = text.strip(b" \0")
    if text.isascii() and _ESCAPE not in text:
        return text.translate(None, _CONTROLS).decode("ascii")
    for encoding in _encodings(text, list(terms)):
        try:
            words = encoding(text)
        except (UnicodeError, LookupError):
            continue
        if _looks_written(words):
            return words.strip()
    return None


def _terms(header: Dataset) -> list[str]:
    element = header.get_item("SpecificCharacterSet") if "SpecificCharacterSet" in header else None
    value = element.value if element is not None else None
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace").split("\\")
    if value is None or isinstance(value, str):
        value = (value or "").split("\\")
    return [str(term).strip(" \0").upper() for term in value]


class _Decoder:
    """One way to decode text, which fails rather than replaces."""

    def __init__(self, encoding: str, is_latin: bool = False, is_half_wide: bool = True) -> None:
        self._encoding, self._is_latin, self._is_half_wide = encoding, is_latin, is_half_wide

    def __call__(self, text: bytes) -> str:
        words = text.decode(self._encoding)
        if self._is_latin and not _is_latin_writing(words):
            raise UnicodeError
        if not self._is_half_wide and _HALF_WIDE.search(words):  # any bytes make these
            raise UnicodeError
        return words


def _encodings(text: bytes, terms: list[str]) -> Iterator["_Decoder | _Escaped"]:
    """Ways to decode that the terms may mean, the likeliest first."""
    known = [found for term in terms if (found := _meant(term))]
    if not known:
        return
    numbers = [number for number in known if number.isdigit()]
    if _ESCAPE in text:
        yield _Escaped(numbers if terms[0] else ["6", *numbers])
        return
    if _UNICODE in known or "utf-8" in known:
        yield _Decoder("utf-8")
        return
    multiple = [_MULTIPLE.get(each, each) for each in known if each not in _SINGLE]
    if not multiple:  # any single-byte set decodes anything, and UTF-8 hardly anything else
        yield _Decoder("utf-8")
    for encoding in multiple:
        yield _Decoder(encoding)
        if encoding in _RELATED:
            yield _Decoder(_RELATED[encoding], is_half_wide=False)
    for number in numbers:
        if number in _SINGLE - {"6"}:
            name = convert_encodings(f"ISO_IR {number}")[0]
            is_latin = number in ("100", "101", "109", "110", "148", "203")
            yield _Decoder("cp932" if number == "13" else name, is_latin)


class _Escaped:
    """Text that changes its set by escape sequences (ISO 2022), which pydicom follows."""

    def __init__(self, numbers: list[str]) -> None:
        self._numbers = numbers

    def __call__(self, text: bytes) -> str:
        terms = [f"ISO 2022 IR {number}" for number in self._numbers]
        words: str = decode_bytes(text, convert_encodings(terms or [""]), _DELIMITERS)
        if "\x1b" in words:
            raise UnicodeError
        return words


def _meant(term: str) -> str | None:
    """The ISO registration number that a term names, or a codec's name; None of neither."""
    if match := _TERM.fullmatch(term.strip().upper()):
        number = match[2].lstrip("0")
        return number if number in _SINGLE | _MULTIPLE.keys() | {_UNICODE} else None
    name = re.sub(r"[^a-z0-9]", "", term.lower())
    return _BY_NAME.get(name)


def _looks_written(words: str) -> bool:
    """Whether text has only letters, digits and signs that names and places are written with."""
    if not _has_even_capitals(words):
        return False
    if any(ord(sign) < 0x80 and not sign.isprintable() and sign not in "\t\r\n" for sign in words):
        return False
    foreign = [sign for sign in words if ord(sign) >= 0x80 and sign not in _SIGNS]
    return all(
        sign.isalnum() or unicodedata.category(sign) in _MODIFIERS or sign == "\u3000"
        for sign in foreign
    )


def _has_even_capitals(words: str) -> bool:
    """Whether Greek and Cyrillic words are capitals throughout, or all but their first letters."""
    for spelling in re.split(r"[=\\]", words):
        ways = {
            "capitals" if word.isupper() else "small" if word[1:].islower() else "mixed"
            for word in re.findall(r"[\u0370-\u04ff]{2,}", spelling)
        }
        if len(ways) > 1 or "mixed" in ways:
            return False
    return True


def _is_latin_writing(words: str) -> bool:
    """Whether accented letters stand among plain ones, as in every language written so."""
    for spelling in re.split(r"[=\\]", words):
        accented = sum(ord(sign) >= 0x80 for sign in spelling)
        plain = sum(sign.isascii() and sign.isalpha() for sign in spelling)
        if accented > plain or _ORDINALS & set(re.sub(r"(?<=[A-Za-z])[ªº]", "", spelling)):
            return False
    return True


codecs.lookup("cp949")  # a build of Python without the Asian codecs should fail here and not later
