"""The catalogue: every word that a person reads, in English and Korean.

Each language is a folder of TOML files; a key is ``file.table.entry``, for instance
``film.error.empty``. Values are ``str.format`` templates.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = {"en": "English", "ko": "한국어"}
DEFAULT_LANGUAGE = "en"


def _flatten(prefix: str, table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{prefix}.{name}"
        if isinstance(value, dict):
            yield from _flatten(key, value)
        else:
            yield key, str(value)


@cache
def catalogue(language: str) -> dict[str, str]:
    """All templates of one language, by key.

    Raises:
        KeyError: The language is not one of ``LANGUAGES``.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    entries: dict[str, str] = {}
    for file in sorted((Path(__file__).parent / language).glob("*.toml")):
        entries.update(_flatten(file.stem, tomllib.loads(file.read_text(encoding="utf-8"))))
    return entries


def text(language: str, key: str, **values: object) -> str:
    """The text of a key in a language, with its values filled in.

    Raises:
        KeyError: The catalogue has no such key, or a value that the template names is missing.
    """
    template = catalogue(language)[key]
    return template.format(**values) if values else template


def best_language(accepted: str | None) -> str:
    """The catalogue language that a browser's language tag asks for (``ko-KR`` gives ``ko``).

    Args:
        accepted: A language tag, an ``Accept-Language`` header, or None.
    """
    for part in (accepted or "").split(","):
        primary = part.split(";")[0].strip().split("-")[0].lower()
        if primary in LANGUAGES:
            return primary
    return DEFAULT_LANGUAGE
