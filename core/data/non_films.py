"""Folders of pictures that are no chest films, by kind and source.

A folder of non-films holds ``KIND/SOURCE/*``: ``photographs/gnome-backgrounds 43.1-1/0001.png``.
The source is the package that the pictures come from, with its version; no picture is kept here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.data.drawn_pictures import Draw
from core.imaging import Film, FilmFacts, read_film_file
from core.messages.errors import FilmError, FolderMissing

_NO_FILE = "0" * 64


@dataclass(frozen=True, slots=True)
class Source:
    """The non-films of one kind from one source.

    Args:
        kind: Such as ``photographs``.
        name: The package and its version.
        files: The pictures.
    """

    kind: str
    name: str
    files: tuple[Path, ...]

    def pictures(self) -> Iterator[Film]:
        """Those that can be read as films; the others stop there anyway."""
        for file in self.files:
            try:
                yield read_film_file(file)
            except FilmError:
                continue


def scan_non_films(root: Path) -> tuple[Source, ...]:
    """The sources of a folder of non-films, in order.

    Raises:
        FolderMissing: The folder is not there, or holds no source.
    """
    folders = sorted(folder for folder in root.glob("*/*") if folder.is_dir())
    if not folders:
        raise FolderMissing(folder=root)
    return tuple(
        Source(folder.parent.name, folder.name, tuple(sorted(folder.iterdir())))
        for folder in folders
    )


def drawn_film(draw: Draw, seed: int) -> Film:
    """A drawn picture as if it had been read from a file."""
    pixels = draw(np.random.default_rng(seed))
    height_px, width_px = pixels.shape
    return Film(pixels, _NO_FILE, FilmFacts("PNG", width_px, height_px, bits=8))
