"""The film's values check themselves, the catalogue is whole, the docstrings' examples run."""

import doctest
import importlib
import pkgutil
import string
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

import core.imaging
from core.imaging import Film, FilmFacts, Notice
from core.imaging.codestream import codestream_size
from core.messages.catalogue import LANGUAGES, catalogue
from core.messages.errors import FilmError
from tests.support.phantoms import chest_phantom, encode

FACTS = FilmFacts("PNG", width_px=4, height_px=3, bits=8)
SHA = "0" * 64


def zeros(*shape: int, dtype: Any = np.float32) -> Any:
    return np.zeros(shape, dtype)


@pytest.mark.parametrize(
    ("pixels", "sha256", "error", "words"),
    [
        (zeros(3, 4, dtype=np.float64), SHA, TypeError, "float32 array, but got float64"),
        ([[0.0]], SHA, TypeError, "but got list"),
        (zeros(4, 3), SHA, ValueError, r"shape \(3, 4\), but got \(4, 3\)"),
        (zeros(3, 4, 1), SHA, ValueError, "shape"),
        (zeros(3, 4) + np.float32(1.5), SHA, ValueError, r"\[0, 1\], but got \[1.5, 1.5\]"),
        (zeros(3, 4) - np.float32(1), SHA, ValueError, r"\[0, 1\]"),
        (zeros(3, 4) + np.float32(np.nan), SHA, ValueError, r"\[0, 1\]"),
        (zeros(3, 4), "abc", ValueError, "64 hexadecimal digits, but got 'abc'"),
    ],
)
def test_a_film_checks_itself(pixels: Any, sha256: str, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        Film(pixels, sha256, FACTS)


def test_films_are_compared_by_file_and_can_be_keys() -> None:
    films = {Film(zeros(3, 4), SHA, FACTS), Film(zeros(3, 4), SHA, FACTS)}
    assert len(films) == 1
    assert "array" not in repr(films)
    with pytest.raises(FrozenInstanceError):
        films.pop().sha256 = "1" * 64  # type: ignore[misc]


def test_notices_speak_every_language() -> None:
    notice = Notice("film.notice.age", {"age_years": 0.5})
    assert "0.5 years" in notice.message("en")
    assert "0.5세" in notice.message("ko")
    assert {notice, Notice("film.notice.age", {"age_years": 0.5})} == {notice}


def test_the_catalogues_hold_every_key_with_the_same_placeholders() -> None:
    errors = [getattr(error, "key", "") for error in FilmError.__subclasses__()]
    keys = {key for key in errors if key.startswith("film.")}
    notices = ["tint", "small", "lateral", "age", "view", "body_part", "synthetic"]
    notices += ["mislabelled", "damage", "aspect", "window"]
    keys |= {f"film.notice.{name}" for name in notices}
    for language in LANGUAGES:
        own = {key for key in catalogue(language) if key.startswith("film.")}
        assert own == keys
    for key in keys:
        fields = [
            sorted(
                {name for _, name, _, _ in string.Formatter().parse(catalogue(lang)[key]) if name}
            )
            for lang in LANGUAGES
        ]
        assert fields[0] == fields[1], key


@pytest.mark.parametrize("file_format", ["JPEG", "JPEG2000"])
def test_codestream_size(file_format: str) -> None:
    assert codestream_size(encode(chest_phantom(90, 120), file_format)) == (120, 90)


def test_codestream_size_of_anything_else() -> None:
    assert codestream_size(b"") is None
    assert codestream_size(b"\xff\xd8") is None
    assert codestream_size(b"\x01\0\0\0" * 30) is None


@pytest.mark.parametrize(
    "name", [module.name for module in pkgutil.iter_modules(core.imaging.__path__)]
)
def test_examples_in_docstrings(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(f"core.imaging.{name}"))
    assert failed == 0
