"""A small DICOMweb server in a thread: QIDO-RS, WADO-RS and STOW-RS, and every way to go wrong."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pydicom
from pydicom.dataset import Dataset

EDGE = "an-edge"
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Stub:
    """What the server holds, was asked and was sent.

    Args:
        films: DICOM files that it has.
        instead: Answers a path in place of the server, where it gives an answer.
        refused: How many of the instances that come are refused.
    """

    films: list[bytes] = field(default_factory=list)
    instead: Callable[[str], Answer | None] = lambda path: None
    refused: int = 0
    asked: list[str] = field(default_factory=list)
    logins: list[str | None] = field(default_factory=list)
    stored: list[list[Dataset]] = field(default_factory=list)

    @property
    def headers(self) -> list[tuple[Dataset, bytes]]:
        """What is known of each film."""
        return [(pydicom.dcmread(BytesIO(film)), film) for film in self.films]

    def get(self, target: str) -> Answer:
        """Answer a search, or give an instance."""
        assert "%2A" not in target  # Orthanc takes it for a letter
        parts = urlsplit(target)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        steps = parts.path.removeprefix("/dicom-web/").split("/")
        known = [(head, film) for head, film in self.headers if _is_of(head, steps)]
        if len(steps) == 6:
            return _multipart(known[0][1]) if known else (404, {}, b"")
        form = {1: _study, 3: _series, 5: _instance}[len(steps)]
        found = [form(head) for head, _ in known if len(steps) > 1 or _matches(head, asked)]
        alone = {json.dumps(each, sort_keys=True): each for each in found}
        return _json(200, list(alone.values())) if alone else (204, {}, b"")

    def post(self, body: bytes) -> Answer:
        """Take instances."""
        edge = body.split(b"\r\n", 2)[1]
        parts = [part.partition(b"\r\n\r\n")[2] for part in body.split(b"\r\n" + edge)[1:-1]]
        came = [pydicom.dcmread(BytesIO(part)) for part in parts]
        self.stored.append(came)
        taken = came[self.refused :]
        items = [{"00081155": _value("UI", each.SOPInstanceUID)} for each in taken]
        return _json(202 if self.refused else 200, {"00081199": {"vr": "SQ", "Value": items}})


def _json(status: int, content: object) -> Answer:
    kind = {"Content-Type": "application/dicom+json; charset=utf-8"}
    return status, kind, json.dumps(content).encode()


def _multipart(film: bytes) -> Answer:
    kind = {"Content-Type": f'multipart/related; type="application/dicom"; boundary={EDGE}'}
    head = f"--{EDGE}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return 200, kind, head + film + f"\r\n--{EDGE}--".encode()


def _value(vr: str, *values: Any) -> dict[str, Any]:
    return {"vr": vr, "Value": list(values)}


def _study(head: Dataset) -> dict[str, Any]:
    return {
        "0020000D": _value("UI", head.StudyInstanceUID),
        "00080020": _value("DA", head.get("StudyDate", "")),
        "00080061": _value("CS", head.Modality),
        "00081030": _value("LO", head.get("StudyDescription", "")),
        "00100010": _value("PN", {"Alphabetic": str(head.PatientName)}),
        "00100020": _value("LO", head.PatientID),
        "00201208": _value("IS", 1),
    }


def _series(head: Dataset) -> dict[str, Any]:
    known = {"00080060": _value("CS", head.Modality)}
    return {**known, "0020000E": _value("UI", head.SeriesInstanceUID)}


def _instance(head: Dataset) -> dict[str, Any]:
    return {"00080018": _value("UI", head.SOPInstanceUID)}


def _is_of(head: Dataset, steps: list[str]) -> bool:
    own = (head.StudyInstanceUID, head.SeriesInstanceUID, head.SOPInstanceUID)
    return all(step == uid for step, uid in zip(steps[1::2], own, strict=False))


def _matches(head: Dataset, asked: dict[str, str]) -> bool:
    first, _, last = asked.get("StudyDate", "00000000-99999999").partition("-")
    name = re.escape(asked.get("PatientName", "*")).replace(r"\*", ".*")
    return (
        first <= head.get("StudyDate", "") <= last
        and re.fullmatch(name, str(head.PatientName)) is not None
        and asked.get("PatientID", head.PatientID) == head.PatientID
        and asked.get("ModalitiesInStudy", head.Modality) == head.Modality
    )


@contextmanager
def archive_of(stub: Stub) -> Iterator[str]:
    """The address of the server while it runs, on this machine alone."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(lambda: stub.get(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(lambda: stub.post(body))

        def answer(self, usual: Callable[[], Answer]) -> None:
            stub.asked.append(f"{self.command} {self.path}")
            stub.logins.append(self.headers["Authorization"])
            status, headers, content = stub.instead(self.path) or usual()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/dicom-web"
        server.shutdown()
