"""Talking with an archive: what is asked and answered, and every way that it can go wrong."""

import logging
import socket
from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from time import sleep

import pydicom
import pytest

from core.archive import server, transport
from core.archive.answers import study_of
from core.archive.server import Archive, Instance, Wanted
from core.archive.settings import Settings
from core.imaging import read_film
from core.messages.catalogue import LANGUAGES
from core.messages.errors import (
    ReadingRoomError,
    RemoteError,
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
from tests.reporting.exports.conftest import dicom_film
from tests.support.dicomweb import Answer, Stub, archive_of

STUDIES = ("1.2.3.1", "1.2.3.2", "1.2.3.3")


def film(number: int, **elements: str) -> bytes:
    """A film of the number-th study."""
    study = STUDIES[number]
    own = {"StudyInstanceUID": study, "SeriesInstanceUID": f"{study}.1"}
    return dicom_film(**{**own, "SOPInstanceUID": f"{study}.1.1", **elements})


FILMS = (
    film(0, PatientName="Hong^Gildong", PatientID="A1", StudyDate="20250102"),
    film(1, PatientName="Kim^Haneul", PatientID="B2", StudyDate="20250203"),
    film(2, PatientName="Kim^Byeol", PatientID="Hong", StudyDate="20250304", Modality="CT"),
)
WHERE = Instance(STUDIES[0], f"{STUDIES[0]}.1", f"{STUDIES[0]}.1.1")


@pytest.fixture
def stub() -> Stub:
    """What the archive holds: two children's films, and a CT."""
    return Stub(list(FILMS))


@pytest.fixture
def archive(stub: Stub) -> Iterator[Archive]:
    """The archive, while it runs."""
    with archive_of(stub) as url:
        yield Archive(Settings(url))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), [2, 1, 0]),
        (Wanted("Kim"), [2, 1]),
        (Wanted("Kim Haneul"), [1]),
        (Wanted("A1"), [0]),
        (Wanted("Hong"), [2, 0]),  # one by its identifier, the other by its name
        (Wanted(first=date(2025, 2, 3)), [1]),
        (Wanted("Kim", date(2025, 2, 1), date(2025, 12, 31)), [2, 1]),
        (Wanted("Kim", modality="CT"), [2]),
        (Wanted("Nobody"), []),
    ],
)
def test_a_search_gives_the_studies_that_match_the_latest_first(
    archive: Archive, wanted: Wanted, found: list[int]
) -> None:
    studies, are_more = archive.search(wanted)
    assert [study.uid for study in studies] == [STUDIES[number] for number in found]
    assert not are_more


def test_a_study_is_told_in_plain_text(archive: Archive, stub: Stub) -> None:
    stub.films = [film(0, PatientName="Hong^Gil\u202edong", SpecificCharacterSet="ISO_IR 192")]
    ((study,), _) = archive.search(Wanted())
    assert study.patient == "Hong Gil\\u202edong"
    assert (study.date, study.modalities, study.images) == ("2025-01-02", ("DX",), 1)


def test_what_a_study_lacks_or_garbles_is_left_empty() -> None:
    uid = {"0020000D": {"Value": ["1.2"]}}
    bare = study_of(uid)
    assert bare is not None
    assert (bare.date, bare.patient, bare.modalities, bare.images) == ("", "", (), None)
    garbled = {"00080020": {"Value": ["soon"]}, "00100010": [], "00201208": {"Value": [{}]}}
    odd = study_of({**uid, **garbled})
    assert odd is not None
    assert (odd.date, odd.patient, odd.images) == ("soon", "", None)
    assert [study_of(answer) for answer in ({}, None, [], {"0020000D": {"Value": []}})] == [
        None
    ] * 4


def test_more_studies_than_are_shown_are_told(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MOST_STUDIES", 2)
    studies, are_more = archive.search(Wanted())
    assert (len(studies), are_more) == (2, True)


def test_the_radiographs_of_a_study_are_fetched_as_they_are_stored(archive: Archive) -> None:
    assert archive.films(STUDIES[0]) == [WHERE]
    assert archive.films(STUDIES[2]) == []  # a CT
    data = archive.fetch(WHERE)
    assert data == FILMS[0]
    assert read_film(data).facts.format == "DICOM"


def test_what_is_stored_arrives_as_it_was_sent(archive: Archive, stub: Stub) -> None:
    archive.store(FILMS[:2])
    ((first, second),) = stub.stored
    assert first == pydicom.dcmread(BytesIO(FILMS[0]))
    assert second == pydicom.dcmread(BytesIO(FILMS[1]))
    stub.refused = 1
    with pytest.raises(RemoteNotStored) as told:
        archive.store(FILMS[:2])
    assert told.value.details == {"confirmed": 1, "sent": 2}


@pytest.mark.parametrize(
    ("login", "header"),
    [
        ({}, None),
        ({"token": "secret"}, "Bearer secret"),
        ({"user": "ö", "password": "p:w"}, f"Basic {b64encode('ö:p:w'.encode()).decode()}"),
    ],
)
def test_every_request_logs_in(stub: Stub, login: dict[str, str], header: str | None) -> None:
    with archive_of(stub) as url:
        archive = Archive(Settings(url, **login))
        archive.search(Wanted())
        archive.fetch(WHERE)
        archive.store(FILMS[:1])
    assert stub.logins == [header] * 3
    assert not any(secret in repr(archive._settings) for secret in login.values())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((401, {}, b"who are you"), RemoteForbidden),
        ((403, {}, b""), RemoteForbidden),
        ((404, {}, b""), RemoteMissing),
        ((503, {}, b"<html>Kim^Haneul</html>"), RemoteFailed),
        ((302, {"Location": "http://192.0.2.1/"}, b""), RemoteStrange),
        ((200, {"Content-Type": "text/html"}, b"<html>Kim^Haneul</html>"), RemoteStrange),
        ((200, {"Content-Type": "application/dicom+json"}, b'"Kim^Haneul"'), RemoteStrange),
        ((200, {}, b"[" * 100_000), RemoteStrange),
        ((200, {"Content-Length": "9999"}, b"[]"), RemoteUnreachable),
        ((200, {"Content-Encoding": "gzip"}, b"no gzip"), RemoteStrange),
        ((200, {}, b" " * (server._ANSWER_LIMIT_MB * 2**20 + 2**17)), RemoteTooLarge),
    ],
    ids=lambda case: case.__name__ if isinstance(case, type) else str(case[:2])[:60],
)
def test_a_failure_is_told_without_address_and_content(
    archive: Archive, stub: Stub, answer: Answer, error: type[RemoteError]
) -> None:
    stub.instead = lambda path: answer
    if answer[1].get("Content-Length"):
        answer[1]["Connection"] = "close"
    for ask in (
        lambda: archive.search(Wanted("Kim Haneul")),
        lambda: archive.films(STUDIES[0]),
    ):
        with pytest.raises(error) as told:
            ask()
        for language in LANGUAGES:
            said = told.value.message(language)
            assert "127.0.0.1" not in said
            assert "Kim" not in said
        assert told.value.__suppress_context__ or told.value.__context__ is None
    assert len(stub.asked) == 2, "a request that failed is not made again"


def test_a_film_over_the_limit_or_in_no_multipart_is_refused(
    archive: Archive, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.instead = lambda path: (200, {"Content-Type": "application/dicom"}, FILMS[0])
    with pytest.raises(RemoteStrange):
        archive.fetch(WHERE)
    with pytest.raises(RemoteStrange):
        archive.fetch(Instance(STUDIES[0], "../../series", "1.2"))
    stub.instead = lambda path: None
    monkeypatch.setattr(server, "UPLOAD_LIMIT_MB", 0)
    with pytest.raises(RemoteTooLarge):
        archive.fetch(WHERE)


def test_storing_that_fails_is_told(archive: Archive, stub: Stub) -> None:
    for answer, error in (((409, {}, b""), RemoteFailed), ((200, {}, b""), RemoteNotStored)):
        stub.instead = lambda path, answer=answer: answer  # type: ignore[misc]
        with pytest.raises(error):
            archive.store(FILMS[:1])


def test_an_archive_that_is_silent_or_slow_or_not_there_is_told(
    archive: Archive, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(path: str) -> Answer | None:
        sleep(0.3)
        return None

    stub.instead = slowly
    monkeypatch.setattr(server, "SILENT_SECONDS", 0.1)
    with pytest.raises(RemoteTooSlow):
        archive.search(Wanted())
    monkeypatch.setattr(server, "SILENT_SECONDS", 5)
    monkeypatch.setattr(transport, "ANSWER_SECONDS", 0.0)
    with pytest.raises(RemoteTooSlow):
        archive.search(Wanted())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(RemoteUnreachable):
        Archive(Settings(f"http://127.0.0.1:{port}/dicom-web")).search(Wanted())


def test_a_server_that_does_not_prove_its_name_is_not_talked_to(archive: Archive) -> None:
    url = archive._settings.url.replace("http:", "https:")
    with pytest.raises(RemoteUntrusted):
        Archive(Settings(url)).search(Wanted())


def test_nothing_of_a_search_is_logged(archive: Archive, stub: Stub) -> None:
    said: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    ear, root = Ear(), logging.getLogger()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    try:
        archive.search(Wanted("Kim Haneul"))
        archive.fetch(WHERE)
        archive.store(FILMS[:1])
        stub.instead = lambda path: (503, {"Warning": "Kim"}, b"")
        with pytest.raises(ReadingRoomError):
            archive.search(Wanted("Kim Haneul"))
    finally:
        root.removeHandler(ear)
        root.setLevel(level)
    assert [line for line in said if "Kim" in line or STUDIES[0] in line] == []
