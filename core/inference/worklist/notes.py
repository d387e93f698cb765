"""The reader's notes on films of a list, and which of them have left it in a file."""

from collections.abc import Iterable


class Notes:
    """Notes by the number of their film; a note belongs to the film, whatever model read it."""

    def __init__(self) -> None:
        self._written: dict[int, str] = {}
        self._saved: dict[int, str] = {}

    def __getitem__(self, number: int) -> str:
        return self._written.get(number, "")

    def __setitem__(self, number: int, note: str) -> None:
        self._written[number] = note

    @property
    def are_unsaved(self) -> bool:
        """Whether a note has not left the list, in CSV or report, as it now stands."""
        return any(
            note.strip() and note != self._saved.get(number)
            for number, note in self._written.items()
        )

    def mark_saved(self, numbers: Iterable[int] | None = None) -> None:
        """Keep in mind that notes have left the list; those of all films if None are named."""
        chosen = self._written if numbers is None else numbers
        self._saved |= {number: self[number] for number in chosen}

    def remove(self, numbers: Iterable[int]) -> None:
        """Forget the notes on films that leave the list."""
        for number in numbers:
            self._written.pop(number, None)
            self._saved.pop(number, None)
