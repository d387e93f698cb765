"""A folder of DICOM objects, as routers and archives take them up: a file an object."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.imaging import Film
from core.inference.diagnosis import Diagnosis
from core.inference.reading import Reading
from core.messages.catalogue import DEFAULT_LANGUAGE
from core.models import ModelCard
from core.reporting.exports.dicom_study import identify
from core.reporting.exports.objects import More, dicom_objects
from core.reporting.exports.report import Report


@dataclass(frozen=True, slots=True)
class ObjectsFolder:
    """Writes the objects of films that were read, in the films' own studies.

    Args:
        folder: Where they go.
        card: Of the model that reads.
        more: What is written beyond Secondary Capture and Structured Report.
    """

    folder: Path
    card: ModelCard
    more: More

    def write(self, path: Path, film: Film, diagnosis: Diagnosis) -> list[str]:
        """Write a film's objects, each named by its SOP Instance UID.

        Args:
            path: The film's file, from which patient and study are copied.
            film: The film.
            diagnosis: Of that film.

        Returns:
            The names of the files.

        Raises:
            OSError: The film's file cannot be read again, or an object cannot be written.
        """
        data = path.read_bytes() if film.facts.format == "DICOM" else None
        identity = identify(path.name, data) if data else None
        reading = Reading(path.name, film, diagnosis)
        when = datetime.now().astimezone()
        report = Report(reading, self.card, DEFAULT_LANGUAGE, when, identity)
        names = []
        for instance in dicom_objects(report, data, self.more):
            names.append(f"{instance.SOPInstanceUID}.dcm")
            instance.save_as(self.folder / names[-1], enforce_file_format=True)
        return names
