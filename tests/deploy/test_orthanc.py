"""A real Orthanc, configured by the file that is shipped: studies go in, and are read in place."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPException
from importlib.util import module_from_spec, spec_from_file_location
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.uid import generate_uid

from core.data.samples import GALLERY_FOLDER
from tests.support.sources import REPOSITORY

SCRIPT = REPOSITORY / "deploy" / "orthanc" / "read_study.py"
CONFIGURATION = REPOSITORY / "deploy" / "orthanc" / "orthanc.json"
ORTHANC = shutil.which("Orthanc", path=f"{os.environ['PATH']}:/usr/sbin")
SECONDS = 300
PATIENT, PATIENT_ID = "Secret^Child", "secret-77"

needs_orthanc = pytest.mark.skipif(ORTHANC is None, reason="Orthanc is not installed (.ci/orthanc)")

spec = spec_from_file_location("read_study", SCRIPT)
assert spec is not None
assert spec.loader is not None
read_study = module_from_spec(spec)
spec.loader.exec_module(read_study)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the script is told, and a folder of its own for temporary files."""
    return {
        **os.environ,
        "ORTHANC_URL": f"http://127.0.0.1:{free_port()}",
        "ORTHANC_USER": "reader",
        "ORTHANC_PASSWORD": "of this test",
        "TMPDIR": str(tmp_path_factory.mktemp("temporary")),
    }


@pytest.fixture(scope="module")
def orthanc(
    variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[read_study.Orthanc]:
    """Orthanc with the shipped configuration, but for ports, places and patience."""
    folder = tmp_path_factory.mktemp("orthanc")
    settings = json.loads(CONFIGURATION.read_text()) | {
        "StorageDirectory": str(folder / "db"),
        "IndexDirectory": str(folder / "db"),
        "HttpPort": int(variables["ORTHANC_URL"].rpartition(":")[2]),
        "DicomPort": free_port(),
        "RemoteAccessAllowed": False,
        "StableAge": 1,
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [str(ORTHANC), str(folder / "orthanc.json")], env=variables, stdout=log, stderr=log
        ) as server,
    ):
        names = ("ORTHANC_URL", "ORTHANC_USER", "ORTHANC_PASSWORD")
        client = read_study.Orthanc(*(variables[name] for name in names))
        try:
            until(lambda: server.poll() is not None or answers(client))
            assert server.poll() is None, (folder / "log").read_text()
            yield client
        finally:
            server.terminate()


def answers(client: read_study.Orthanc) -> bool:
    try:
        return bool(client.get("system"))
    except (OSError, HTTPException):
        return False


def until(is_done: Any) -> None:
    end = time.monotonic() + SECONDS
    while not is_done():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.2)


def film(study_uid: str, **elements: Any) -> bytes:
    """A synthetic film of the gallery as a DICOM file of a made-up patient's study."""
    header = pydicom.dcmread(GALLERY_FOLDER / "NORMAL" / "normal-6.dcm")
    header.StudyInstanceUID = study_uid
    header.SeriesInstanceUID = generate_uid()
    header.SOPInstanceUID = header.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    header.PatientName, header.PatientID, header.Modality = PATIENT, PATIENT_ID, "DX"
    for keyword, value in elements.items():
        setattr(header, keyword, value)
    file = BytesIO()
    header.save_as(file)
    return file.getvalue()


def store(orthanc: read_study.Orthanc, file: bytes) -> dict[str, str]:
    return dict(json.loads(orthanc.ask("instances", file)))


def headers(orthanc: read_study.Orthanc, study: str) -> list[dict[str, Any]]:
    """The header of each instance of a study."""
    instances = orthanc.get(f"studies/{study}/instances")
    return [orthanc.get(f"instances/{each['ID']}/simplified-tags") for each in instances]


def run(variables: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=SECONDS)


@needs_orthanc
def test_results_are_in_the_study_once_and_no_film_is_left_behind(
    orthanc: read_study.Orthanc, variables: dict[str, str], tiny_weights: Path, tmp_path: Path
) -> None:
    uid = generate_uid()
    good = store(orthanc, film(uid))
    broken = store(orthanc, film(uid, Rows=9999))
    store(orthanc, film(uid, ManufacturerModelName="a result that came back"))
    study = good["ParentStudy"]
    weights = ("--model", "tiny", "--weights", str(tiny_weights))
    output = tmp_path / "said"
    with output.open("w") as stream:
        watching = subprocess.Popen(
            [sys.executable, str(SCRIPT), "--watch", "--", *weights],
            env=variables,
            stdout=stream,
            stderr=stream,
        )
    until(lambda: watching.poll() is not None or f"study {study}" in output.read_text())
    watching.terminate()
    assert watching.wait(SECONDS) == 143
    said = output.read_text()
    assert f"study {study}: read: 1, refused: 1" in said

    found = headers(orthanc, study)
    assert sorted(each["Modality"] for each in found) == ["DX", "DX", "DX", "OT", "SR"]
    assert {(each["PatientName"], each["PatientID"]) for each in found} == {(PATIENT, PATIENT_ID)}
    assert orthanc.ask(f"instances/{broken['ID']}/metadata/5137") == b"refused"
    assert orthanc.get("studies") == [study]

    again = run(variables, study, "--", *weights)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert len(headers(orthanc, study)) == len(found)
    assert list(Path(variables["TMPDIR"]).glob("study-*")) == []
    assert PATIENT not in said
    assert PATIENT_ID not in said


@needs_orthanc
def test_a_film_of_which_nothing_is_said_is_read_later(
    orthanc: read_study.Orthanc, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stored = store(orthanc, film(generate_uid()))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(read_study, "predict", lambda *_: [])
    with pytest.raises(read_study.NotRead, match="1"):
        read_study.read_study(orthanc, stored["ParentStudy"], [])
    assert "5137" not in orthanc.get(f"instances/{stored['ID']}/metadata")
    assert list(tmp_path.iterdir()) == []


@needs_orthanc
def test_a_wrong_password_or_study_is_told(
    orthanc: read_study.Orthanc, variables: dict[str, str]
) -> None:
    for told, study, words in (({"ORTHANC_PASSWORD": "no"}, "x", "401"), ({}, "x", "404")):
        done = run({**variables, **told}, study)
        assert done.returncode == 1
        assert words in done.stderr
        assert "Traceback" not in done.stderr


def test_without_an_orthanc_it_says_so(variables: dict[str, str]) -> None:
    done = run({**variables, "ORTHANC_URL": f"http://127.0.0.1:{free_port()}"}, "x")
    assert done.returncode == 1
    assert "refused" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [(), ("x", "--watch")], ids=["neither", "both"])
def test_a_study_or_a_watch_is_asked_for(
    arguments: tuple[str, ...], variables: dict[str, str]
) -> None:
    assert run(variables, *arguments).returncode == 2
