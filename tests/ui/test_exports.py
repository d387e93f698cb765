"""The buttons under the verdict: what they save, and whom it names."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pydicom
import pytest
import streamlit as st
from pypdf import PdfReader
from streamlit.testing.v1 import AppTest

from core.inference.model import Diagnostician
from core.messages.catalogue import text
from tests.reporting.exports.conftest import FILE_NAME, STUDY_UID, dicom_film
from tests.support.networks import forbid_networks

PATIENT = "Kkotbi^Byeol"
SECRETS = (FILE_NAME, *PATIENT.split("^"), "secret-42", "20210131", STUDY_UID)


def draw(model, name, data):  # type: ignore[no-untyped-def]  # its source is run by itself
    """A page that shows nothing but the buttons."""
    from core.imaging import read_film
    from core.inference.reading import Reading
    from core.ui.diagnosis.exports import draw_exports

    film = read_film(data)
    draw_exports(Reading(name, film, model.diagnose(film)), lambda: data)


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[Callable[[], bytes], str]]:
    """What each button would save, and under which name."""
    buttons: dict[str, tuple[Callable[[], bytes], str]] = {}
    button = st.download_button

    def kept(label: str, data: Callable[[], bytes], file_name: str, *rest: Any, **more: Any) -> Any:
        buttons[label] = data, file_name
        return button(label, data, file_name, *rest, **more)

    monkeypatch.setattr(st, "download_button", kept)
    return buttons


@pytest.fixture
def room(tiny_weights: Path, results: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    model = Diagnostician.load("tiny", tiny_weights)
    monkeypatch.setattr("core.ui.diagnosis.exports.load_card", lambda name: model.card)
    page = AppTest.from_function(
        draw, default_timeout=60, args=(model, FILE_NAME, dicom_film(PatientName=PATIENT))
    )
    page.session_state["language"] = "en"
    return page.run()


def contents(saved: dict[str, tuple[Callable[[], bytes], str]], language: str) -> str:
    """All that both files tell, with their names."""
    pdf, name = saved[text(language, "report.save.pdf")]
    whole = name + "".join(page.extract_text() for page in PdfReader(BytesIO(pdf())).pages)
    packed, name = saved[text(language, "report.save.dicom")]
    with ZipFile(BytesIO(packed())) as archive:
        for file in archive.namelist():
            whole += file + str(pydicom.dcmread(BytesIO(archive.read(file))))
    return whole + name


def test_nothing_is_made_before_a_button_is_pressed(
    room: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("made unasked")

    monkeypatch.setattr("core.reporting.exports.Report", forbidden)
    monkeypatch.setattr("core.reporting.exports.identify", forbidden)
    room.run()
    assert not room.exception
    labels = [button.label for button in room.download_button]
    assert labels == [text("en", f"report.save.{name}") for name in ("pdf", "dicom")]


def test_a_patient_is_named_only_when_ticked(
    saved: dict[str, tuple[Callable[[], bytes], str]], room: AppTest
) -> None:
    (box,) = room.checkbox
    assert box.value is False
    assert text("en", "report.save.own_study") in [caption.value for caption in room.caption]
    silent = contents(saved, "en")
    assert [secret for secret in SECRETS if secret in silent] == []
    assert not any(secret in str(room.session_state) for secret in SECRETS)
    box.check().run()
    assert not room.exception
    told = contents(saved, "en")
    assert [secret for secret in SECRETS if secret not in told] == []
    assert not room.caption
    for _, name in saved.values():
        assert not any(secret in name for secret in SECRETS)


def test_leave_is_asked_for_each_film_anew(room: AppTest, tiny_weights: Path) -> None:
    room.checkbox[0].check().run()
    model = Diagnostician.load("tiny", tiny_weights)
    other = dicom_film(PatientName=PATIENT, ViewPosition="PA")
    room.args = (model, FILE_NAME, other)
    room.run()
    assert room.checkbox[0].value is False
    room.args = (model, FILE_NAME, dicom_film(PatientName=PATIENT))
    room.run()
    assert room.checkbox[0].value is False


def test_the_files_speak_the_language_of_the_page(
    saved: dict[str, tuple[Callable[[], bytes], str]], room: AppTest
) -> None:
    room.session_state["language"] = "ko"
    room.run()
    assert text("ko", "report.archive.series") in contents(saved, "ko")
    assert "폐렴 확률" in contents(saved, "ko")


@pytest.mark.parametrize(
    ("patient", "reason"),
    [
        ("홍^길동".encode("euc_kr"), "report.name_unknown_letters"),  # in no set that is named
        ("\u0645\u062d\u0645\u062f^\u0639\u0644\u064a", "report.name_not_set"),
    ],
)
def test_the_page_says_before_the_files_do_that_a_name_is_not_shown(
    room: AppTest, tiny_weights: Path, patient: bytes | str, reason: str
) -> None:
    known = patient if isinstance(patient, str) else "A" * len(patient)
    data = dicom_film(PatientName=known, SpecificCharacterSet="ISO_IR 192")
    if isinstance(patient, bytes):
        data = data.replace(known.encode(), patient).replace(b"ISO_IR 192", b"ISO_IR 100")
    room.args = (Diagnostician.load("tiny", tiny_weights), FILE_NAME, data)
    room.run()
    assert text("en", reason) not in [caption.value for caption in room.caption]
    room.checkbox[0].check().run()
    assert [caption.value for caption in room.caption] == [text("en", reason)]
    assert not room.exception


def test_a_report_in_another_language_runs_no_network(
    saved: dict[str, tuple[Callable[[], bytes], str]],
    room: AppTest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room.session_state["language"] = "ko"
    room.run()
    forbid_networks(monkeypatch)
    assert "폐렴 확률" in contents(saved, "ko")
