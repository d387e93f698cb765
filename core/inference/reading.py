"""One film as read: the file, the film, the diagnosis, and the reader's opinion."""

from dataclasses import dataclass, field

from core.imaging import Film, Notice
from core.inference.diagnosis import Diagnosis


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the reader says of a diagnosis.

    Args:
        agrees: Whether the reader agrees; None until said.
        note: The reader's own words.
    """

    agrees: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A film that was diagnosed, as a report tells of it.

    Args:
        name: The file's name, as the reader gave it; it may identify a patient.
        film: The film.
        diagnosis: The diagnosis of that film.
        opinion: What the reader says of it.
    """

    name: str = field(repr=False)
    film: Film
    diagnosis: Diagnosis
    opinion: Opinion = Opinion()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What the reader should be told beside the verdict and its reasons."""
        return (*self.film.notices, *self.diagnosis.told)

    def __post_init__(self) -> None:
        if not self.diagnosis.is_of(self.film):
            raise ValueError("the diagnosis is of another film")
