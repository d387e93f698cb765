"""Talking with the archive: QIDO-RS to search, WADO-RS to fetch, STOW-RS to send."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO

import pydicom
import requests
from dicomweb_client import DICOMwebClient
from pydicom.uid import UID

from core.archive.answers import Study, study_of, text_of, values_of
from core.archive.settings import Settings
from core.archive.transport import CONNECT_SECONDS, SILENT_SECONDS, session
from core.imaging import UPLOAD_LIMIT_MB
from core.imaging.dicom import PLAIN_RADIOGRAPHS
from core.messages.errors import (
    ReadingRoomError,
    RemoteFailed,
    RemoteForbidden,
    RemoteMissing,
    RemoteNotStored,
    RemoteStrange,
    RemoteTooLarge,
    RemoteTooSlow,
    RemoteUnreachable,
    RemoteUntrusted,
)

FILM_MODALITIES = tuple(sorted(PLAIN_RADIOGRAPHS - {"", "OT", "SC"}))
"""What is fetched of a study; OT and SC may be results of this app."""

MOST_STUDIES, MOST_FILMS = 50, 50
_ANSWER_LIMIT_MB = 8
_CHUNK_BYTES = 2**20
_WHOLE_BYTES = 2**31
"""Not every archive takes a request in chunks."""

_SHOWN = ("StudyDescription", "ModalitiesInStudy", "NumberOfStudyRelatedInstances")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to search for; what is empty restricts nothing.

    Args:
        patient: A part of the name, or the whole identifier.
        first: Day of the study, or the first of several.
        last: The last of several days.
        modality: Of a series of the study.
    """

    patient: str = field(default="", repr=False)
    first: date | None = None
    last: date | None = None
    modality: str = ""


@dataclass(frozen=True, slots=True)
class Instance:
    """Where an image of a study is, by its UIDs."""

    study: str
    series: str
    uid: str


class Archive:
    """An archive.

    Every method raises a RemoteError that says what went wrong, without any address.

    Args:
        settings: Where it is, and how to log in.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def search(self, wanted: Wanted) -> tuple[list[Study], bool]:
        """Search for studies.

        Returns:
            At most ``MOST_STUDIES``, the latest first, and whether there are more.
        """
        found: dict[str, Study] = {}
        with self._talking(_ANSWER_LIMIT_MB) as client:
            for filters in _filters(wanted):
                answers = client.search_for_studies(
                    limit=MOST_STUDIES + 1, fields=_SHOWN, search_filters=filters
                )
                studies = [study_of(answer) for answer in _listed(answers)]
                found.update({study.uid: study for study in studies if study})
        latest = sorted(found.values(), key=lambda study: study.date, reverse=True)
        return latest[:MOST_STUDIES], len(latest) > MOST_STUDIES

    def films(self, study: str) -> list[Instance]:
        """The images of a study that may be films, in the order of series and instances.

        Args:
            study: StudyInstanceUID.
        """
        with self._talking(_ANSWER_LIMIT_MB) as client:
            series = [
                each
                for each in _listed(client.search_for_series(study))
                if text_of(each, "Modality") in FILM_MODALITIES
            ]
            films = []
            for each in sorted(series, key=_number("SeriesNumber")):
                uid = text_of(each, "SeriesInstanceUID")
                answers = _listed(client.search_for_instances(study, uid))
                films += [
                    Instance(study, uid, text_of(answer, "SOPInstanceUID"))
                    for answer in sorted(answers, key=_number("InstanceNumber"))
                ]
            return films

    def fetch(self, film: Instance) -> bytes:
        """A film's file as it is stored.

        Raises:
            RemoteTooLarge: It is over the limit of a film.
        """
        if not all(UID(uid).is_valid for uid in (film.study, film.series, film.uid)):
            raise RemoteStrange
        place = f"studies/{film.study}/series/{film.series}/instances/{film.uid}"
        with self._talking(UPLOAD_LIMIT_MB) as client:
            parts = list(client.iter_bulkdata(f"{self._settings.url}/{place}"))
        if len(parts) != 1:
            raise RemoteStrange
        if len(parts[0]) > UPLOAD_LIMIT_MB * 2**20:
            raise RemoteTooLarge(limit_mb=UPLOAD_LIMIT_MB)
        return bytes(parts[0])

    def store(self, files: Sequence[bytes]) -> None:
        """Store DICOM files.

        Raises:
            RemoteNotStored: The archive does not confirm every one of them.
        """
        instances = [pydicom.dcmread(BytesIO(file)) for file in files]
        with self._talking(_ANSWER_LIMIT_MB, _WHOLE_BYTES) as client:
            answer = client.store_instances(instances)
            stored = {
                str(item.get("ReferencedSOPInstanceUID"))
                for item in answer.get("ReferencedSOPSequence") or ()
            }
        confirmed = sum(instance.SOPInstanceUID in stored for instance in instances)
        if confirmed < len(instances):
            raise RemoteNotStored(confirmed=confirmed, sent=len(instances))

    @contextmanager
    def _talking(self, limit_mb: int, chunk_bytes: int = _CHUNK_BYTES) -> Iterator[DICOMwebClient]:
        """A client; whatever goes wrong with it is told without address and content."""
        with session(self._settings, limit_mb) as opened, _told():
            client = DICOMwebClient(
                self._settings.url,
                opened,
                chunk_size=chunk_bytes,
                timeout=(CONNECT_SECONDS, SILENT_SECONDS),
            )
            client.set_http_retry_params(retry=False)
            yield client


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the libraries raise into an error that can be shown."""
    try:
        yield
    except ReadingRoomError:
        raise
    except requests.HTTPError as error:
        answer = error.response
        raise (RemoteStrange() if answer is None else _refusal(answer.status_code)) from None
    except requests.exceptions.SSLError:
        raise RemoteUntrusted from None
    except requests.Timeout:
        raise RemoteTooSlow(seconds=round(SILENT_SECONDS)) from None
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        raise RemoteUnreachable from None
    except Exception:  # a server may answer anything, and what is raised then may quote it
        raise RemoteStrange from None


def _refusal(status: int) -> ReadingRoomError:
    if status in (401, 403):
        return RemoteForbidden()
    if status == 404:
        return RemoteMissing()
    return RemoteFailed(status=status)


def _filters(wanted: Wanted) -> list[dict[str, str]]:
    """The searches to make: a patient is searched for by name, and by identifier."""
    known = {}
    if wanted.first:
        last = wanted.last or wanted.first
        known["StudyDate"] = f"{wanted.first:%Y%m%d}-{last:%Y%m%d}"
    if wanted.modality:
        known["ModalitiesInStudy"] = wanted.modality
    patient = " ".join(wanted.patient.replace("\\", " ").replace("^", " ").split())
    if not patient:
        return [known]
    name = f"*{patient.replace(' ', '*')}*"
    return [{**known, "PatientName": name}, {**known, "PatientID": patient}]


def _listed(answers: object) -> list[object]:
    """The data sets of an answer.

    Raises:
        RemoteStrange: It is no list.
    """
    if not isinstance(answers, list):
        raise RemoteStrange
    return answers


def _number(keyword: str) -> Callable[[object], float]:
    """Sorts by a number; what has none comes last."""

    def key(answer: object) -> float:
        first = next(iter(values_of(answer, keyword)), None)
        return first if isinstance(first, int) else float("inf")

    return key
