"""Uploads on their way into the app, and what a session leaves of them: nothing."""

import asyncio
import io
import logging
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pydicom
import pytest
import streamlit as st
from pydicom.datadict import DicomDictionary
from pypdf import PdfReader
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartParser
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest

from core.inference.model import Diagnostician
from core.messages.catalogue import text
from core.ui.frame.in_memory import keep_uploads_in_memory
from tests.reporting.exports.conftest import SERIES_UID, STUDY_UID
from tests.support.phantoms import chest_phantom, write_dicom
from tests.ui.test_diagnosis_page import APP, has_verdict, model, png
from tests.ui.test_worklist import drop

__all__ = ["model"]  # the fixture

MARKER = "Xkcdq"
"""Stands in every text of the films, their names and the notes, and nowhere else."""


@pytest.mark.parametrize("kept", [True, False])
def test_no_upload_touches_the_disk(monkeypatch: pytest.MonkeyPatch, kept: bool) -> None:
    """Without the setting the server spools it, which is why the setting is there."""
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 2**20)
    if kept:
        keep_uploads_in_memory()
    film = bytes(3 * 2**20)

    async def body() -> AsyncIterator[bytes]:
        yield b'--edge\r\nContent-Disposition: form-data; name="f"; filename="film"\r\n\r\n'
        yield film
        yield b"\r\n--edge--\r\n"

    async def spooled() -> bool:
        headers = Headers({"content-type": "multipart/form-data; boundary=edge"})
        form = await MultiPartParser(headers, body()).parse()
        upload = form["f"]
        assert isinstance(upload, UploadFile)
        assert await upload.read() == film
        on_disk = bool(upload.file._rolled)  # type: ignore[attr-defined]
        await form.close()
        return on_disk

    with ThreadPoolExecutor(1) as pool:  # browser tests leave a loop running on this thread
        assert pool.submit(lambda: asyncio.run(spooled())).result() != kept


def test_the_server_forgets_the_files_of_a_list_that_is_cleared(
    model: Diagnostician, monkeypatch: pytest.MonkeyPatch
) -> None:
    managers, begin = [], MemoryUploadedFileManager.__init__

    def begun(self: MemoryUploadedFileManager, *told: Any) -> None:
        managers.append(self)
        begin(self, *told)

    monkeypatch.setattr(MemoryUploadedFileManager, "__init__", begun)
    room = AppTest.from_file(APP, default_timeout=120).run()
    drop(room, [(f"{number}.png", png(number), "image/png") for number in (1, 2)])

    def held() -> int:  # each run of the test's app has a manager of its own
        return sum(map(len, managers[-1].file_storage.values()))

    assert held() == 2
    clear = text("en", "worklist.clear")
    next(button for button in room.button if button.label == clear).click().run()
    assert len(room.session_state["list"]) == held() == 0


@dataclass
class Watch:
    """What was done to the world outside the process's memory."""

    root: Path
    is_on: bool = False
    written: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)

    def hear(self, event: str, told: tuple[Any, ...]) -> None:
        """Python's own report of what is done (``sys.addaudithook``)."""
        if not self.is_on:
            return
        if event == "open" and isinstance(told[0], (str, bytes)):  # a number is open already
            if told[0] != os.devnull and told[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self.written.append(os.fsdecode(told[0]))
        elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            host = told[1][0] if isinstance(told[1], tuple) else "127.0.0.1"
            if host not in ("127.0.0.1", "::1", "localhost"):
                self.called.append(f"{event} {host}")
        elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
            self.called.append(f"{event} {told[0]}")

    def left_behind(self) -> list[Path]:
        """Files below the temporary home, folder and place of work that tell of the patient."""
        words = [MARKER.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
        return [
            file
            for file in self.root.rglob("*")
            if MARKER in file.name
            or (file.is_file() and any(word in file.read_bytes() for word in words))
        ]


@pytest.fixture
def watch(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Watch]:
    """Watches files, log records of every level, and sockets; home and work are temporary."""
    watch = Watch(tmp_path_factory.mktemp("world"))
    for name, folder in {"HOME": "home", "TMPDIR": "tmp", "XDG_CACHE_HOME": "cache"}.items():
        (watch.root / folder).mkdir()
        monkeypatch.setenv(name, str(watch.root / folder))
    (watch.root / "work").mkdir()
    monkeypatch.chdir(watch.root / "work")
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(logging.Logger, "isEnabledFor", lambda *_: True)
    handle = logging.Logger.handle

    def kept(logger: logging.Logger, record: logging.LogRecord) -> None:
        watch.logged.append(logging.Formatter("%(message)s").format(record))
        if record.levelno >= logging.WARNING:
            handle(logger, record)

    monkeypatch.setattr(logging.Logger, "handle", kept)
    sys.addaudithook(watch.hear)  # stays for good, and hears nothing once this is over
    yield watch
    watch.is_on = False


def marked_film(seed: int, syntax: str = "explicit", **elements: Any) -> bytes:
    """A film whose every text names the patient: all elements of text that DICOM knows."""
    texts = {
        keyword: f"{MARKER}^{MARKER}" if vr == "PN" else f"{MARKER} {keyword}"[:16]
        for tag, (vr, _, _, is_retired, keyword) in DicomDictionary.items()
        if vr in ("PN", "LO", "SH", "LT", "ST", "UT", "UC", "AE") and tag >> 16 > 2
        if keyword and not is_retired
    }
    known = {"StudyInstanceUID": STUDY_UID, "SeriesInstanceUID": SERIES_UID, **texts, **elements}
    return write_dicom(chest_phantom(300, 280, seed), syntax=syntax, **known)


def zipped(name: str, data: bytes) -> bytes:
    """A file alone in a ZIP."""
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr(name, data)
    return packed.getvalue()


def test_the_watch_sees_what_it_is_there_for(watch: Watch) -> None:
    watch.is_on = True
    (watch.root / "tmp" / "kept").write_text(MARKER)
    logging.getLogger("any").debug("read %s", MARKER)
    with socket.socket() as out:
        out.setblocking(False)
        out.connect_ex(("192.0.2.1", 9))  # kept for documents, and nobody's
    assert watch.written == [str(watch.root / "tmp" / "kept")]
    assert watch.logged == [f"read {MARKER}"]
    assert watch.called == ["socket.connect 192.0.2.1"]
    assert watch.left_behind() == [watch.root / "tmp" / "kept"]


def test_a_session_leaves_nothing_of_a_patient_anywhere(
    watch: Watch,
    model: Diagnostician,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Films that are read, that are decoded apart and that are refused; a note, and every file."""
    monkeypatch.setattr("core.ui.diagnosis.exports.load_card", lambda name: model.card)
    offered: dict[str, Callable[[], bytes]] = {}
    button = st.download_button

    def kept(label: str, data: Any, *rest: Any, **more: Any) -> Any:
        offered[label] = data
        return button(label, data, *rest, **more)

    monkeypatch.setattr(st, "download_button", kept)
    films = {
        f"{MARKER}.dcm": marked_film(1),
        f"{MARKER}-apart.dcm": marked_film(2, "jpeg-ls"),
        f"{MARKER}-cut.dcm": marked_film(3)[:-9000],
        f"{MARKER}-other.dcm": marked_film(4, Modality="CT"),
        f"{MARKER}.zip": zipped(f"{MARKER}/{MARKER}.dcm", marked_film(5)),
        f"{MARKER}.txt": MARKER.encode(),
    }
    watch.is_on = True
    room = AppTest.from_file(APP, default_timeout=120).run()
    dropped = [(name, data, "application/octet-stream") for name, data in films.items()]
    room.file_uploader[0].set_value(dropped).run()
    for _ in range(len(films) + 2):
        room.run()
    assert not room.exception
    assert has_verdict(room)
    room.text_input[0].set_value(f"{MARKER} was coughing").run()
    next(box for box in room.checkbox if str(box.key).startswith("identify")).check().run()
    pdf = offered[text("en", "report.save.pdf")]()
    archive = offered[text("en", "report.save.dicom")]()
    assert MARKER in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    with ZipFile(io.BytesIO(archive)) as packed:
        for member in packed.namelist():
            assert MARKER in str(pydicom.dcmread(io.BytesIO(packed.read(member))).PatientName)
    room.button(key="details").click().run()
    room.button(key="to_list").click().run()
    room.checkbox(key="list_names_leave").check().run()
    table = offered[text("en", "worklist.download")]().decode()
    assert table.count(MARKER) > len(films)
    assert "was coughing" in table
    assert not room.exception
    assert watch.written == []
    assert watch.left_behind() == []
    assert watch.called == []
    assert not [line for line in watch.logged if MARKER in line]
    assert MARKER not in "".join(capfd.readouterr())
