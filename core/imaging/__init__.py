"""Reading a film: a file's bytes become validated grayscale pixels with their provenance."""

from core.imaging.film import (
    AS_READ,
    MAX_MEGAPIXELS,
    MIN_SIDE_PX,
    SYNTHETIC_DESCRIPTION,
    UPLOAD_LIMIT_MB,
    Film,
    FilmFacts,
    Notice,
    Orientation,
)
from core.imaging.read import read_film, read_film_file
from core.imaging.turn import Turn, turned
from core.imaging.window import Preset, Window, preset_windows

__all__ = [
    "AS_READ",
    "MAX_MEGAPIXELS",
    "MIN_SIDE_PX",
    "SYNTHETIC_DESCRIPTION",
    "UPLOAD_LIMIT_MB",
    "Film",
    "FilmFacts",
    "Notice",
    "Orientation",
    "Preset",
    "Turn",
    "Window",
    "preset_windows",
    "read_film",
    "read_film_file",
    "turned",
]
