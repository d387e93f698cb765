"""Reading a film: a file's bytes become validated grayscale pixels with their provenance."""

from core.film.film import (
    MAX_MEGAPIXELS,
    MIN_SIDE_PX,
    UPLOAD_LIMIT_MB,
    Film,
    FilmFacts,
    Notice,
)
from core.film.read import read_film, read_film_file

__all__ = [
    "MAX_MEGAPIXELS",
    "MIN_SIDE_PX",
    "UPLOAD_LIMIT_MB",
    "Film",
    "FilmFacts",
    "Notice",
    "read_film",
    "read_film_file",
]
