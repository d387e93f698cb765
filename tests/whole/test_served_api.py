"""The HTTP interface of the running app: answers, errors, and its own description of them."""

import hashlib
import io
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from jsonschema import Draft202012Validator
from PIL import Image

from core import __version__
from core.api.application import api_application
from core.data.samples import GALLERY_FOLDER
from core.imaging import UPLOAD_LIMIT_MB
from core.inference.lungs import shared_segmenter
from core.inference.population import shared_population_reader
from core.messages.catalogue import text
from core.models import load_card, shipped_models
from core.models.weights import DEFAULT_MODEL
from tests.support.served import serving
from tests.support.sources import REPOSITORY

FILMS = [
    GALLERY_FOLDER / "NORMAL" / "normal-2.png",
    GALLERY_FOLDER / "PNEUMONIA" / "pneumonia-4.png",
    GALLERY_FOLDER / "PNEUMONIA" / "pneumonia-6.dcm",
]
FILM = FILMS[1].read_bytes()
OTHER_MODEL = next(name for name in shipped_models() if name != DEFAULT_MODEL)
READ_SECONDS = 120


class Answer(NamedTuple):
    """What the server said: the status, its headers in small letters, and the body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> Any:
        return json.loads(self.body)


class Interface(NamedTuple):
    """The interface of a server that runs."""

    port: int
    pid: int
    output: Path

    def asked(self, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """GET a path under ``/api``, or POST a body to it, as a client that is no browser does."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = Request(f"http://localhost:{self.port}/api{path}", body, named)
        try:
            with urlopen(request, timeout=READ_SECONDS) as answer:
                return told(answer)
        except HTTPError as error:
            with error:
                return told(error)

    def checked(self, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """The same; the answer has to be one that the description of the interface has."""
        answer = self.asked(path, body, **headers)
        description = self.asked("/openapi.json").content
        place = description["paths"][path.partition("?")[0]]["get" if body is None else "post"]
        described = place["responses"][str(answer.status)]
        if "$ref" in described:
            described = description["components"]["responses"][described["$ref"].split("/")[-1]]
        schema = described["content"][answer.headers["content-type"]].get("schema")
        if schema:
            Draft202012Validator({**description, **schema}).validate(answer.content)
        return answer


def told(answer: Any) -> Answer:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(answer.status, headers, answer.read())


@pytest.fixture(scope="module")
def interface(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interface]:
    """The app with its gate, which other tests do without."""
    output = tmp_path_factory.mktemp("served") / "output.txt"
    with serving(["-m", "core", "serve"], output, READING_ROOM_GATE="on") as (port, pid):
        yield Interface(port, pid, output)


@pytest.fixture(scope="module")
def predicted() -> list[dict[str, Any]]:
    """What the command line says of the same films."""
    command = [sys.executable, "-m", "core", "predict", "--json", *map(str, FILMS)]
    run = subprocess.run(
        command,
        cwd=REPOSITORY,
        env={**os.environ, "READING_ROOM_GATE": "on"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_it_reads_as_the_command_line_does(
    interface: Interface, predicted: list[dict[str, Any]]
) -> None:
    for file, line in zip(FILMS, predicted, strict=True):
        answer = interface.checked("/read", file.read_bytes())
        found = answer.content
        assert answer.status == 200
        for name in ("verdict", "label", "probability", "population"):
            assert found[name] == line[name], (file, name)
        assert found["operating_point"] == line["threshold"]
        notices = (*found["reasons"], *found["warnings"])
        assert [notice["message"] for notice in notices] == line["warnings"]
        assert found["sha256"]["film"] == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_reading_names_what_it_rests_on(interface: Interface) -> None:
    for query, name in (("", DEFAULT_MODEL), (f"?model={OTHER_MODEL}", OTHER_MODEL)):
        card, found = load_card(name), interface.checked(f"/read{query}", FILM).content
        assert found["model"] == {"name": name, "version": card.version}
        assert found["sha256"]["weights"] == card.sha256
        assert found["sha256"]["segmenter"] == shared_segmenter().card.sha256
        assert found["sha256"]["population_reader"] == shared_population_reader().card.sha256
        assert found["review_band"] == {"from": card.review_low, "below": card.review_high}


def test_it_speaks_the_language_that_is_asked_for(interface: Interface) -> None:
    for asked, language in (("ko-KR,ko;q=0.9", "ko"), ("fr", "en")):
        answer = interface.checked("/read", FILM, Accept_Language=asked)
        assert answer.headers["content-language"] == language
        assert answer.content["disclaimer"] == text(language, "diagnosis.not_device")
        messages = {its["key"]: its["message"] for its in answer.content["warnings"]}
        key = "film.notice.synthetic"
        assert messages[key] == text(language, key)


@pytest.mark.parametrize("kind", ["image/png", "application/x-www-form-urlencoded", "text/plain"])
def test_no_content_type_matters(interface: Interface, kind: str) -> None:
    assert interface.checked("/read", FILM, Content_Type=kind).status == 200


def test_a_picture_has_the_size_of_the_film_and_its_verdict(interface: Interface) -> None:
    answer, found = (interface.checked(f"/read{query}", FILM) for query in ("?overlay=png", ""))
    assert answer.headers["reading-room-verdict"] == found.content["verdict"]
    assert float(answer.headers["reading-room-probability"]) == found.content["probability"]
    with Image.open(io.BytesIO(answer.body)) as picture, Image.open(io.BytesIO(FILM)) as film:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", film.size)
        assert picture.text["Disclaimer"] == text("en", "diagnosis.not_device")  # type: ignore[attr-defined]
        red, _, blue = picture.split()
        assert red.tobytes() != blue.tobytes(), "the heat has colour"


def test_films_in_parallel_get_the_answers_of_each_alone(interface: Interface) -> None:
    films = [file.read_bytes() for file in FILMS[:2]]
    alone = [interface.asked("/read", film).content for film in films]
    with ThreadPoolExecutor(2) as threads:
        both = list(threads.map(lambda film: interface.asked("/read", film).content, films))
    assert both == alone
    assert both[0]["verdict"] != both[1]["verdict"]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/read", b"", 422, "film.error.empty"),
        ("/read", b"no film", 422, "film.error.unknown_format"),
        ("/read", FILM[:9000], 422, "film.error.truncated"),
        ("/read?model=none", FILM, 404, "errors.weights.unknown"),
        ("/read?model=../card/card", FILM, 404, "errors.weights.unknown"),
        ("/read?overlay=gif", FILM, 400, "api.error.picture"),
        ("/model?model=none", None, 404, "errors.weights.unknown"),
    ],
)
def test_errors_are_problem_details(
    interface: Interface, path: str, body: bytes | None, status: int, code: str
) -> None:
    spoken = set()
    for language in ("en", "ko"):
        answer = interface.checked(path, body, Accept_Language=language)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.status == answer.content["status"] == status
        assert answer.content["code"] == code
        spoken.add(answer.content["detail"])
    assert len(spoken) == 2


def test_a_picture_of_something_else_is_refused(interface: Interface) -> None:
    file = io.BytesIO()
    Image.radial_gradient("L").resize((300, 300)).save(file, "PNG")
    answer = interface.checked("/read", file.getvalue())
    assert (answer.status, answer.content["code"]) == (422, "gate.error.not_a_film")


def test_other_addresses_and_methods_are_problems_too(interface: Interface) -> None:
    nothing, method = interface.asked("/nothing"), interface.asked("/read")
    assert (nothing.status, nothing.content["code"]) == (404, "api.error.address")
    assert (method.status, method.content["code"]) == (405, "api.error.method")
    assert method.headers["allow"] == "POST"


def test_a_file_over_the_limit_is_refused_before_it_is_sent(interface: Interface) -> None:
    connection = HTTPConnection("localhost", interface.port, timeout=30)
    connection.putrequest("POST", "/api/read")
    connection.putheader("Content-Length", str(UPLOAD_LIMIT_MB * 2**20 + 1))
    connection.endheaders()
    assert_too_large(connection)


def test_a_file_that_hides_its_size_is_read_up_to_the_limit(interface: Interface) -> None:
    connection = HTTPConnection("localhost", interface.port, timeout=30)
    connection.putrequest("POST", "/api/read")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    mebibyte = b"%x\r\n%s\r\n" % (2**20, bytes(2**20))
    for _ in range(UPLOAD_LIMIT_MB):
        connection.send(mebibyte)
    connection.send(b"1\r\n\0\r\n")
    assert_too_large(connection)


def assert_too_large(connection: HTTPConnection) -> None:
    answer = told(connection.getresponse())
    connection.close()
    assert (answer.status, answer.content["code"]) == (413, "film.error.file_too_large")
    assert answer.headers["connection"] == "close"


def asked_of_large_films(interface: Interface) -> list[int]:
    """The status of some answers: films over a megabyte, DICOM, damage, a picture."""
    file = io.BytesIO()
    with Image.open(io.BytesIO(FILM)) as film:
        film.resize((2000, 2000)).save(file, "BMP")
    large, dicom = file.getvalue(), FILMS[2].read_bytes()
    asked = [("", large), ("?overlay=png", dicom), ("", large[:-9000])]
    return [interface.asked(f"/read{query}", body).status for query, body in asked]


def test_nothing_is_printed_of_a_film(interface: Interface) -> None:
    assert asked_of_large_films(interface) == [200, 200, 422]
    opening = ("Opening the reading room", "The reading room is open at")
    lines = interface.output.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith(opening)] == []


def test_films_are_read_where_no_file_can_be_written(interface: Interface) -> None:
    soft, hard = resource.prlimit(interface.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(interface.pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        assert asked_of_large_films(interface) == [200, 200, 422]
    finally:
        resource.prlimit(interface.pid, resource.RLIMIT_FSIZE, (soft, hard))


def test_a_page_of_another_origin_reads_nothing(interface: Interface) -> None:
    for origin in ("https://evil.example", "null", "http://localhost:1"):
        for path, body in (("/read", FILM), ("/model", None), ("/health", None)):
            assert interface.asked(path, body, Origin=origin).status == 403
    own = f"http://localhost:{interface.port}"
    assert interface.asked("/read", FILM, Origin=own).status == 200
    assert interface.asked("/health", Host="evil.example").status == 403


def test_it_is_ready_once_the_server_listens(interface: Interface) -> None:
    assert interface.checked("/health").content == {"status": "ready"}


def test_it_shows_the_card(interface: Interface) -> None:
    for query, name in (("", DEFAULT_MODEL), (f"?model={OTHER_MODEL}", OTHER_MODEL)):
        card = json.loads((REPOSITORY / "weights" / f"{name}.json").read_text(encoding="utf-8"))
        found = interface.checked(f"/model{query}").content
        assert card.items() <= found.items()


def test_the_description_has_every_address(interface: Interface) -> None:
    description = interface.checked("/openapi.json").content
    assert description["openapi"].startswith("3.1.")
    assert description["info"]["version"] == __version__
    assert description["servers"] == [{"url": "/api"}]
    described = {
        (path, method.upper()) for path, entry in description["paths"].items() for method in entry
    }
    routes = api_application().routes
    assert described == {(r.path, m) for r in routes for m in r.methods - {"HEAD"}}  # type: ignore[attr-defined]
    for schema in description["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
