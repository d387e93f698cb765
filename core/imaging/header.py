"""Values of a DICOM header as people write them: read where one reading makes sense, else None.

pydicom raises on a number with a decimal comma or a word in its place. So text is taken as it
stands in the file, and what makes no sense is as good as missing.
"""

import math
import re
from collections.abc import Iterable
from typing import Any

from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from core.imaging.letters import header_text

_TEXT_VRS = frozenset({"DS", "IS", "AS", "CS", "LO", "SH", "DA", "UI"})
_NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?")
_MARKUP, _LONGEST_CODE = re.compile(r"[^\w ,./-]|(?<=www)\.", re.IGNORECASE), 64
_YEARS = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
_OLDEST = 130


def numbers(header: Dataset, keyword: str) -> list[float | None]:
    """An element's values, each as a finite number, or None where it is none that makes sense."""
    if keyword not in header:
        return []
    element = header.get_item(keyword)
    value: Any = element.value if element is not None else None
    if isinstance(value, bytes):
        if isinstance(element, RawDataElement) and _vr(element) not in _TEXT_VRS:
            value = _converted(header, keyword)
        else:
            value = value.decode("latin_1").split("\\")
    if value is None:
        return []
    is_several = isinstance(value, (list, tuple, MultiValue))
    several: Iterable[Any] = value if is_several else str(value).split("\\")
    return [as_number(each) for each in several]


def number(header: Dataset, keyword: str) -> float | None:
    """An element's first value as a finite number; None where there is none that makes sense."""
    found = numbers(header, keyword)
    return found[0] if found else None


def integer(header: Dataset, keyword: str) -> int | None:
    """An element's first value as a whole number; None where there is none."""
    found = number(header, keyword)
    return int(found) if found is not None and found == int(found) else None


def as_number(value: object) -> float | None:
    """One value as a number, however it is written.

    Examples:
        >>> as_number(" 2048,5 "), as_number("1e3"), as_number("AUTO"), as_number("")
        (2048.5, 1000.0, None, None)
    """
    text = str(value).strip(" \0\t\r\n'\"")
    if not _NUMBER.fullmatch(text):
        return None
    found = float(text.replace(",", "."))
    return found if math.isfinite(found) else None


def code(header: Dataset, keyword: str) -> str:
    """A short text that may be shown, in capitals: without anything that is taken for markup."""
    text = header_text(header, keyword) or ""
    return _MARKUP.sub(" ", text)[:_LONGEST_CODE].strip().upper()


def age_years(age: str) -> float | None:
    """A DICOM age string in years, or one as people write it; None where it is none.

    Examples:
        >>> age_years("004Y"), age_years("018M"), age_years("4 years"), age_years("unknown")
        (4.0, 1.5, 4.0, None)
    """
    match = re.fullmatch(
        r"\s*(\d{1,3}(?:[.,]\d+)?)\s*(Y|M|W|D|YR?S?|YEARS?|MO|MONTHS?|WEEKS?|DAYS?|세|개월|주|일)"
        r"(?:\s*OLD)?[\s.\0]*",
        age.upper(),
    )
    if match is None:
        return None
    unit = {"세": "Y", "개": "M", "주": "W", "일": "D"}.get(match[2][0], match[2][0])
    years = float(match[1].replace(",", ".")) * _YEARS[unit]
    return years if years <= _OLDEST else None


def _vr(element: RawDataElement) -> str:
    """An element's type; the standard's where the file does not tell it."""
    if element.VR in (None, "UN") and dictionary_has_tag(element.tag):
        return dictionary_VR(element.tag)
    return str(element.VR)


def _converted(header: Dataset, keyword: str) -> Any:
    try:
        return header[keyword].value
    except Exception:  # whatever pydicom raises on bytes that are no value of their type
        return None
