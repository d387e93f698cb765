"""A folder of DICOM objects, as routers and archives take them up: a file an object."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from highdicom.base import SOPClass

from core.imaging import Film
from core.inference.diagnosis import Diagnosis
from core.inference.reading import Reading
from core.messages.catalogue import DEFAULT_LANGUAGE
from core.messages.errors import NotWritten
from core.messages.plain import why
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
            NotWritten: The film's file cannot be read again, or an object cannot be written; then
                none of the film's objects is left.
        """
        written: list[Path] = []
        try:
            for instance in self._objects(path, film, diagnosis):
                written.append(self.folder / f"{instance.SOPInstanceUID}.dcm")
                instance.save_as(written[-1], enforce_file_format=True)
        except (OSError, MemoryError) as error:
            for file in written:
                with suppress(OSError):
                    file.unlink(missing_ok=True)
            raise NotWritten(file=self.folder, reason=why(error)) from error
        return [file.name for file in written]

    def _objects(self, path: Path, film: Film, diagnosis: Diagnosis) -> Iterator[SOPClass]:
        data = path.read_bytes() if film.facts.format == "DICOM" else None
        identity = identify(path.name, data) if data else None
        reading = Reading(path.name, film, diagnosis)
        when = datetime.now().astimezone()
        report = Report(reading, self.card, DEFAULT_LANGUAGE, when, identity)
        return dicom_objects(report, data, self.more)
