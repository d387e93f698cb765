"""Files dropped by the reader, as entries of a list: a film each, or as many as a ZIP holds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from core.inference.worklist.archive import (
    film_members,
    is_archive,
    is_hidden,
    may_be_film,
    open_archive,
    read_member,
)
from core.inference.worklist.member_names import member_name
from core.messages.errors import ArchiveEmpty, ArchiveError, FilmError

_HEAD_BYTES = 256
Reader = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that waits to be read, or was.

    Args:
        number: Its running number in the list, from 1; never given twice.
        name: Its name or path, as the reader gave it, hidden signs written out (see ``plain``); it
            may identify a patient.
        read: Gives its bytes, or raises a FilmError. Nothing is unpacked before it is called.
    """

    number: int
    name: str = field(repr=False)
    read: Reader = field(repr=False, compare=False)


def files_of(name: str, file: BinaryIO) -> tuple[list[tuple[str, Reader]], int]:
    """What there is to read in a dropped file.

    A ZIP gives its films; one that cannot be opened gives itself, and its reader says why. Of a
    folder, hidden files and those that are no pictures are left out.

    Args:
        name: The file's name, or its path where a folder was chosen.
        file: The file, in memory.

    Returns:
        Name and reader of each, and how many files were left out because they are no pictures.
    """
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if is_archive(head):
        return _films_of_archive(name, file)
    if "/" in name and is_hidden(name):
        return [], 0
    if "/" in name and not may_be_film(name, head):
        return [], 1
    return [(name, partial(_whole, file))], 0


def _whole(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()


def _films_of_archive(name: str, file: BinaryIO) -> tuple[list[tuple[str, Reader]], int]:
    try:
        archive = open_archive(file)
        members, others = film_members(archive)
        if not members:
            raise ArchiveEmpty
    except ArchiveError as error:
        return [(name, refuser(error))], 0
    films = [
        (member_name(info, number), partial(read_member, archive, info))
        for number, info in enumerate(members, 1)
    ]
    return [(f"{name}/{path}", reader) for path, reader in films], others


def refuser(error: FilmError) -> Reader:
    """What a file gives that is not kept: why."""
    return partial(_refuse, error)


def _refuse(error: FilmError) -> bytes:
    raise type(error)(**error.details)  # the same error would keep every traceback
