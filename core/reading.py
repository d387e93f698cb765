"""One film's way through the room: the file, the film, the diagnosis, and the reader's opinion."""

import hashlib
import json
from dataclasses import dataclass, field

from core.film import Film
from core.inference import Diagnosis


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

    def __post_init__(self) -> None:
        if self.film.sha256 != self.diagnosis.film_sha256:
            raise ValueError("the diagnosis is of another film")

    @property
    def settings_sha256(self) -> str:
        """Of what the verdict rests on besides the file and the weights.

        That is the operating point, the review band, the heatmap's scale, and what was noticed of
        the film or done to it before it was read.
        """
        settings = {
            "threshold": self.diagnosis.threshold,
            "review": self.diagnosis.review,
            "full_heat": self.diagnosis.heatmap.full_heat,
            "size_px": self.film.pixels.shape,
            "notices": [notice.key for notice in self.film.notices],
        }
        return hashlib.sha256(json.dumps(settings).encode()).hexdigest()
