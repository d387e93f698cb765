"""Against a real archive: Orthanc with its DICOMweb plugin, where both are installed."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from core.archive.server import Archive, Wanted
from core.archive.settings import Settings
from core.messages.errors import RemoteError, RemoteForbidden, RemoteMissing
from core.reporting.exports import archive_zip, identify
from tests.reporting.exports.conftest import (
    FILE_NAME,
    MakeReport,
    diagnosed,
    dicom_film,
    make_report,
    measured,
    tiny_model,
)

__all__ = ["diagnosed", "make_report", "measured", "tiny_model"]  # fixtures

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
START_SECONDS = 30
USER, PASSWORD = "reader", "a password"
FILM = dicom_film(PatientName="Kim^Haneul", StudyDescription="Chest")

pytestmark = pytest.mark.skipif(
    shutil.which("Orthanc") is None or not PLUGIN.exists(),
    reason="no Orthanc with DICOMweb: apt-get install orthanc orthanc-dicomweb",
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an empty Orthanc's DICOMweb services, on this machine alone."""
    folder = tmp_path_factory.mktemp("orthanc")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "StorageDirectory": str(folder),
        "IndexDirectory": str(folder),
        "HttpPort": port,
        "DicomServerEnabled": False,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {USER: PASSWORD},
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    file = folder / "orthanc.json"
    file.write_text(json.dumps(settings), encoding="utf-8")
    with (folder / "log").open("wb") as log:
        orthanc = subprocess.Popen(["Orthanc", str(file)], stdout=log, stderr=log)
    try:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            assert orthanc.poll() is None, (folder / "log").read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/dicom-web"
    finally:
        orthanc.terminate()
        orthanc.wait(START_SECONDS)


def test_a_film_is_stored_found_and_fetched_and_its_results_join_its_study(
    url: str, make_report: MakeReport
) -> None:
    archive = Archive(Settings(url, user=USER, password=PASSWORD))
    assert archive.search(Wanted()) == ([], False)
    archive.store([FILM])
    for wanted in (
        Wanted("haneul"),
        Wanted("Kim Haneul"),
        Wanted("secret-42"),
        Wanted(first=date(2025, 1, 2), modality="DX"),
    ):
        ((study,), _) = archive.search(wanted)
        assert (study.patient, study.date, study.images) == ("Kim Haneul", "2025-01-02", 1)
        assert (study.description, study.modalities) == ("Chest", ("DX",))
    assert archive.search(Wanted("Nobody"))[0] == []
    assert archive.search(Wanted(modality="CR"))[0] == []
    (film,) = archive.films(study.uid)
    data = archive.fetch(film)
    assert data == FILM
    report = make_report(data, identity=identify(FILE_NAME, data))
    with ZipFile(BytesIO(archive_zip(report))) as packed:
        results = [packed.read(name) for name in packed.namelist()]
    archive.store(results)
    ((study,), _) = archive.search(Wanted("haneul"))
    assert study.images == 1 + len(results)
    assert {"DX", "OT", "SR"} <= set(study.modalities)
    assert archive.films(study.uid) == [film], "results are no films"


@pytest.mark.parametrize(
    ("path", "password", "error"),
    [("", "another", RemoteForbidden), ("/nowhere", PASSWORD, RemoteMissing)],
)
def test_a_wrong_login_or_address_is_told(
    url: str, path: str, password: str, error: type[RemoteError]
) -> None:
    with pytest.raises(error):
        Archive(Settings(url + path, user=USER, password=password)).search(Wanted("Kim"))
