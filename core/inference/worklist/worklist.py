"""The films of a session: what is to be read, what was found, and what the reader says of it.

Bytes stay where the upload left them, and of a film that was read only small results are kept: five
hundred decoded films would not fit. A film is decoded again when it is shown.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import BinaryIO

from core.imaging import Film, read_film
from core.inference.diagnosis import Diagnosis
from core.inference.gate import admit
from core.inference.memory import memory_told
from core.inference.model import Diagnostician
from core.inference.reading import Opinion
from core.inference.worklist.entries import Entry, Reader, files_of, refuser
from core.inference.worklist.notes import Notes
from core.inference.worklist.room import ROOM, Room
from core.inference.worklist.rows import Finding, Row
from core.inference.worklist.thumbnail import thumbnail
from core.messages.errors import FilmError, SameFile
from core.messages.plain import plain

Change = Callable[[Film], Film]


class Worklist:
    """The files of a session in order of arrival, each bound to what every model found in it."""

    def __init__(self, room: Room = ROOM) -> None:
        self._room = room
        self._entries: dict[int, Entry] = {}
        self._numbers: dict[str, list[int]] = {}  # of each upload
        self._skipped: dict[str, int] = {}
        self._next = 1
        self._findings: dict[tuple[int, str], Finding] = {}  # by number and weights
        self._agrees: dict[tuple[int, str], bool | None] = {}
        self.notes = Notes()
        self._changes: dict[int, list[Change]] = {}
        self._seen: set[int] = set()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, number: object) -> bool:
        return number in self._entries

    @property
    def uploads(self) -> Mapping[str, Sequence[int]]:
        """What was added and not removed, with the numbers of its entries."""
        return dict(self._numbers)

    @property
    def skipped(self) -> int:
        """How many files of ZIPs and folders were left out because they are no pictures."""
        return sum(self._skipped.values())

    @property
    def size_bytes(self) -> int:
        """How much memory the dropped files take."""
        return sum(self._room.sizes(self).values())

    def add(self, upload: str, name: str, file: BinaryIO) -> list[int]:
        """Add a dropped file, or the films of a ZIP.

        Args:
            upload: Under which it can be removed again.
            name: Its name or path.
            file: The file, in memory. One that there is no room for is not kept, and says why.

        Returns:
            The numbers of the new entries.
        """
        full = self._room.take(self, upload, file.seek(0, 2))
        found, self._skipped[upload] = (
            ([(name, refuser(full))], 0) if full else files_of(name, file)
        )
        self._numbers[upload] = [self.add_entry(path, reader) for path, reader in found]
        return self._numbers[upload]

    def add_entry(self, name: str, read: Reader) -> int:
        """Add one file that is no upload; gives its number."""
        number, self._next = self._next, self._next + 1
        self._entries[number] = Entry(number, plain(name), read)
        return number

    def remove(self, upload: str) -> None:
        """Remove an upload with all that was found in it; what was a copy of it is read again."""
        gone = set(self._numbers.pop(upload, ()))
        self._skipped.pop(upload, None)
        self._room.give_back(self, upload)
        for number in gone:
            del self._entries[number]
            self._changes.pop(number, None)
        self.notes.remove(gone)
        self._seen -= gone
        self._agrees = {key: said for key, said in self._agrees.items() if key[0] not in gone}
        self._findings = {
            key: finding
            for key, finding in self._findings.items()
            if key[0] not in gone and not _is_copy_of(finding, gone)
        }

    def numbers(self) -> list[int]:
        """Of all entries, in order of arrival."""
        return list(self._entries)

    def pending(self, weights_sha256: str) -> list[int]:
        """The entries that these weights have not read, in order of arrival."""
        return [
            number for number in self._entries if (number, weights_sha256) not in self._findings
        ]

    def row(self, number: int, weights_sha256: str) -> Row:
        """One line, as these weights read it.

        Raises:
            KeyError: There is no such entry.
        """
        return Row(
            self._entries[number],
            self._findings.get((number, weights_sha256)),
            self.opinion(number, weights_sha256),
            number in self._seen,
        )

    def rows(self, weights_sha256: str) -> list[Row]:
        """All lines in order of arrival, as these weights read them."""
        return [self.row(number, weights_sha256) for number in self._entries]

    def opinion(self, number: int, weights_sha256: str) -> Opinion:
        """What the reader says of a diagnosis; the note is of the film, whatever model read it."""
        agrees = self._agrees.get((number, weights_sha256))
        return Opinion(agrees, self.notes[number])

    def set_opinion(self, number: int, weights_sha256: str, opinion: Opinion) -> None:
        """Keep what the reader says of a diagnosis."""
        self._agrees[number, weights_sha256] = opinion.agrees
        self.notes[number] = opinion.note

    def see(self, number: int) -> None:
        """Keep in mind that the reader has opened a film."""
        self._seen.add(number)

    def change(self, number: int, change: Change) -> None:
        """Change a film from now on, such as turn it; it is to be read again, and judged again."""
        self._changes.setdefault(number, []).append(change)
        for results in (self._findings, self._agrees):
            for key in [key for key in results if key[0] == number]:
                del results[key]

    def data(self, number: int) -> bytes:
        """The bytes of a file.

        Raises:
            FilmError: It cannot be taken out of its ZIP.
        """
        return self._entries[number].read()

    def film(self, number: int) -> Film:
        """Decode a film, as the gate lets it in and the reader changed it.

        Raises:
            FilmError: The file is refused.
            WeightsError: The gate's weights cannot be trusted.
        """
        return self._decoded(number, self._entries[number].read())

    def read(self, number: int, model: Diagnostician) -> Film | None:
        """Read one entry and keep what is found. Who calls it holds a turn.

        Args:
            number: Of the entry.
            model: Reads it.

        Returns:
            The decoded film, which is not kept; None where it is refused.

        Raises:
            WeightsError: The gate's weights cannot be trusted.
        """
        sha256, film = None, None
        outcome: Diagnosis | FilmError
        try:
            with memory_told():
                data = self._entries[number].read()
                sha256 = hashlib.sha256(data).hexdigest()
                self._refuse_copy(number, sha256, model.card.sha256)
                film = self._decoded(number, data)
                outcome = model.diagnose(film).without_film()
        except FilmError as error:
            outcome = type(error)(**error.details)  # the frames behind it would keep the bytes
        notices = film.notices if film else ()
        if isinstance(outcome, Diagnosis):
            notices = (*notices, *outcome.notices)
        self._findings[number, model.card.sha256] = Finding(
            outcome,
            model.card.name,
            model.card.version,
            datetime.now(UTC),
            sha256,
            notices,
            thumbnail(film.pixels) if film else "",
        )
        return film

    def _decoded(self, number: int, data: bytes) -> Film:
        film = admit(read_film(data))
        for change in self._changes.get(number, ()):
            film = change(film)
        return film

    def _refuse_copy(self, number: int, sha256: str, weights_sha256: str) -> None:
        for (other, weights), finding in self._findings.items():
            is_original = other != number and not isinstance(finding.outcome, SameFile)
            if is_original and weights == weights_sha256 and finding.file_sha256 == sha256:
                raise SameFile(number=other)


def _is_copy_of(finding: Finding, gone: set[int]) -> bool:
    refusal = finding.refusal
    return isinstance(refusal, SameFile) and refusal.details["number"] in gone
