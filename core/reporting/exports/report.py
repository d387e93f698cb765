"""The content of a report, in whichever form it is exported."""

from dataclasses import dataclass
from datetime import datetime

from core.inference.reading import Reading
from core.messages.catalogue import text
from core.models import ModelCard
from core.reporting.exports.dicom_study import Identity


@dataclass(frozen=True, slots=True)
class Report:
    """What a report tells of.

    Args:
        reading: The film, its diagnosis and the reader's opinion.
        card: Of the model that made the diagnosis.
        language: A language of the catalogue.
        when: When the report is made.
        identity: Whose film it is, where the reader lets the report carry it.
    """

    reading: Reading
    card: ModelCard
    language: str
    when: datetime
    identity: Identity | None = None

    def __post_init__(self) -> None:
        if self.card.sha256 != self.reading.diagnosis.weights_sha256:
            raise ValueError("the card is of other weights than those that made the diagnosis")

    def t(self, key: str, **values: object) -> str:
        """The text of a catalogue key in the report's language."""
        return text(self.language, key, **values)

    @property
    def left_out(self) -> str:
        """That the patient's name is left out, where its letters cannot be told; else empty."""
        is_left_out = self.identity is not None and self.identity.is_name_left_out
        return self.t("report.name_unknown_letters") if is_left_out else ""

    @property
    def model(self) -> str:
        """The model's name and version."""
        return f"{self.card.name} {self.card.version}"
