"""From the archive and back: searched, fetched, read, and the results sent, on the page."""

import sys
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from core.archive.settings import URL_VARIABLE
from core.imaging import UPLOAD_LIMIT_MB
from core.inference.model import Diagnostician
from core.messages.catalogue import text
from core.messages.errors import RemoteForbidden, RemoteNotStored, RemoteTooLarge
from tests.reporting.exports.conftest import SERIES_UID, STUDY_UID, dicom_film
from tests.support.dicomweb import Stub, archive_of
from tests.ui.test_diagnosis_page import APP, has_verdict, model, png

__all__ = ["model"]  # the fixture

NAMED = {"PatientName": "Kim^Haneul", "StudyDescription": "Chest"}
FILM = dicom_film(**NAMED)
SECOND = dicom_film(**NAMED, SOPInstanceUID="1.2.3.4")


@pytest.fixture
def stub() -> Stub:
    """What the archive holds: a study of two films."""
    return Stub([FILM, SECOND])


@pytest.fixture
def room(model: Diagnostician, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """The app's first page with an archive."""
    monkeypatch.setattr("core.ui.diagnosis.exports.load_card", lambda name: model.card)
    monkeypatch.setattr("core.ui.diagnosis.sending.load_card", lambda name: model.card)
    with archive_of(stub) as url:
        monkeypatch.setenv(URL_VARIABLE, url)
        room = AppTest.from_file(APP, default_timeout=120)
        room.session_state["language"] = "en"
        yield room.run()


def search(room: AppTest, patient: str) -> AppTest:
    """Look for a patient."""
    room.text_input(key="archive_patient").set_value(patient)
    return room.button(key="archive_go").click().run()


def fetch(room: AppTest) -> AppTest:
    """Click the first study that was found, which no driver but a browser can."""
    room.session_state["archive_chosen"] = room.session_state["found_studies"][0][0]
    room.run()
    for _ in range(3):
        room.run()
    assert not room.exception
    return room


def told(room: AppTest) -> list[str]:
    return [each.value for each in (*room.error, *room.info, *room.caption)]


def test_without_an_archive_nothing_of_it_is_shown_or_imported(
    model: Diagnostician, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(URL_VARIABLE, raising=False)
    for name in ("dicomweb_client", "core.archive.server", "core.ui.diagnosis.archive"):
        monkeypatch.setitem(sys.modules, name, None)  # importing it is an ImportError now
    room = AppTest.from_file(APP, default_timeout=120).run()
    room.file_uploader[0].set_value(("film.dcm", FILM, "application/dicom")).run()
    assert not room.exception
    assert has_verdict(room)
    assert "archive_patient" not in [each.key for each in room.text_input]
    assert not {"archive_go", "archive_send"} & {each.key for each in room.button}


def test_a_study_is_found_fetched_read_and_its_results_are_sent_once(
    room: AppTest, stub: Stub
) -> None:
    search(room, "Haneul")
    (table,) = [each.value for each in room.dataframe if "patient_id" in each.value]
    assert table.iloc[0].to_dict() == {
        "fetch": "1",
        "date": "2025-01-02",
        "patient": "Kim Haneul",
        "patient_id": "secret-42",
        "description": "Chest",
        "modalities": "DX",
        "images": 1,
    }
    fetch(room)
    listed = room.session_state["list"]
    assert [listed.data(number) for number in listed.numbers()] == [FILM, SECOND]
    assert [row.entry.name for row in listed.rows("")] == [
        "Kim Haneul 2025-01-02 1.dcm",
        "Kim Haneul 2025-01-02 2.dcm",
    ]
    assert has_verdict(room)
    assert stub.stored == [], "nothing leaves unasked"
    room.button(key="archive_send").click().run()
    assert not room.exception
    (sent,) = stub.stored
    assert {each.StudyInstanceUID for each in sent} == {STUDY_UID}
    assert {each.PatientID for each in sent} == {"secret-42"}
    assert {each.Modality for each in sent} >= {"OT", "SR"}
    assert room.button(key="archive_sent").disabled
    assert text("en", "archive.sent", objects=len(sent)) in told(room)
    room.run()
    assert room.button(key="archive_sent").disabled
    assert len(stub.stored) == 1


def test_a_study_that_is_fetched_again_does_not_fill_the_list_twice(room: AppTest) -> None:
    fetch(search(room, "Haneul"))
    fetch(search(room, "Haneul"))
    assert len(room.session_state["list"]) == 2


def test_another_opinion_is_another_result(room: AppTest, stub: Stub) -> None:
    fetch(search(room, "Haneul"))
    room.button(key="archive_send").click().run()
    note = next(each for each in room.text_input if str(each.key).startswith("note-"))
    note.set_value("left lower lobe").run()
    room.button(key="archive_send").click().run()
    first, second = stub.stored
    assert {each.SOPInstanceUID for each in first}.isdisjoint(
        {each.SOPInstanceUID for each in second}
    )


def test_what_failed_is_told_and_sent_again_as_it_was(room: AppTest, stub: Stub) -> None:
    fetch(search(room, "Haneul"))
    stub.refused = 1
    room.button(key="archive_send").click().run()
    count = len(stub.stored[0])
    assert RemoteNotStored(confirmed=count - 1, sent=count).message("en") in told(room)
    stub.refused = 0
    room.button(key="archive_send").click().run()
    first, second = stub.stored
    assert [each.SOPInstanceUID for each in first] == [each.SOPInstanceUID for each in second]
    assert room.button(key="archive_sent").disabled


def test_a_film_that_is_no_dicom_or_names_no_study_is_not_sent(room: AppTest, stub: Stub) -> None:
    room.file_uploader[0].set_value(("film.png", png(1), "image/png")).run()
    assert "archive_send" not in [each.key for each in room.button]
    nameless = dicom_film(StudyInstanceUID="", PatientName="Kim^Haneul")
    room.file_uploader[0].set_value(("film.dcm", nameless, "application/dicom")).run()
    room.button(key="archive_send").click().run()
    assert text("en", "archive.error.no_study") in told(room)
    assert stub.stored == []


def test_what_goes_wrong_is_told_on_the_page(
    room: AppTest, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    search(room, "Nobody")
    assert text("en", "archive.none_found") in told(room)
    stub.instead = lambda path: (401, {}, b"")
    search(room, "Haneul")
    assert RemoteForbidden().message("en") in told(room)
    stub.instead = lambda path: None
    search(room, "Haneul")
    monkeypatch.setattr("core.archive.server.UPLOAD_LIMIT_MB", 0)
    fetch(room)
    assert len(room.session_state["list"]) == 0
    monkeypatch.setenv(URL_VARIABLE, "https://me:secret@pacs.example.org/dicom-web")
    room.run()
    assert text("en", "archive.error.misconfigured", variable=URL_VARIABLE) in told(room)


def test_films_that_came_stay_where_another_does_not(room: AppTest, stub: Stub) -> None:
    search(room, "Haneul")
    place = f"studies/{STUDY_UID}/series/{SERIES_UID}/instances/1.2.3.4"
    _, kind, content = stub.get(f"/dicom-web/{place}")
    huge = content.ljust(UPLOAD_LIMIT_MB * 2**20 + 2**17)
    stub.instead = lambda path: (200, kind, huge) if path.endswith("/1.2.3.4") else None
    room.session_state["archive_chosen"] = room.session_state["found_studies"][0][0]
    room.run()
    assert len(room.session_state["list"]) == 1
    for _ in range(2):
        assert RemoteTooLarge(limit_mb=UPLOAD_LIMIT_MB).message("en") in told(room)
        room.run()
