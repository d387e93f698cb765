#!/usr/bin/env python3
"""Read the films of Orthanc's studies, and store the results in the same studies.

``read_study.py STUDY`` reads one study, by its identifier in Orthanc. ``read_study.py --watch``
follows Orthanc's list of changes and reads each study that has become stable. What stands after
``--`` goes to ``python -m core predict``. It needs no plugin, and Python's library alone.

Environment: ORTHANC_URL (http://localhost:8042), ORTHANC_USER and ORTHANC_PASSWORD.

A film that was read is marked in Orthanc, and not read again. Results are known by their maker and
never read. While films are read, they lie in a temporary folder; it is removed, whatever happens.
Nothing of a patient is printed.
"""

import argparse
import base64
import http.client
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import HTTPError

APP = Path(__file__).resolve().parents[2]
MAKER = "Pneumonia reading room"
"""Manufacturer of the results, which name their model, and of synthetic films, which name none."""
FILMS = ("CR", "DX", "DR", "RG", "RF", "OT")
"""Modalities that are read."""
READ = "5137"
"""Number of the metadata that marks a film as read; Orthanc leaves 1024 to 65535 to its users."""
WAIT_SECONDS = 5
UNREACHABLE = (OSError, http.client.HTTPException)


class NotRead(Exception):
    """Films of a study could not be read; they stay unmarked."""


class Orthanc:
    """Orthanc's REST interface."""

    def __init__(self, url: str, user: str = "", password: str = "") -> None:
        self._url = url.rstrip("/")
        token = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}"} if user else {}

    def ask(self, path: str, body: bytes | None = None, method: str | None = None) -> bytes:
        """The answer's body. Raises one of ``UNREACHABLE``, an HTTP status of 400 and up too."""
        request = urllib.request.Request(  # noqa: S310 - the address is the configuration's
            f"{self._url}/{path}", body, self._headers, method=method
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
            return bytes(answer.read())

    def get(self, path: str) -> Any:
        """The answer, from JSON."""
        return json.loads(self.ask(path))


def unread(orthanc: Orthanc, study: str) -> Iterator[str]:
    """The identifiers of a study's films that were not read yet."""
    for series in orthanc.get(f"studies/{study}/series"):
        for instance in series["Instances"]:
            if series["MainDicomTags"].get("Modality") not in FILMS:
                continue
            if READ in orthanc.get(f"instances/{instance}/metadata"):
                continue
            header = orthanc.get(f"instances/{instance}/simplified-tags")
            if header.get("Manufacturer") != MAKER or "ManufacturerModelName" not in header:
                yield instance


def read_study(orthanc: Orthanc, study: str, options: Sequence[str]) -> None:
    """Read a study's new films, and store the results.

    Args:
        orthanc: Where the study is.
        study: Its identifier in Orthanc.
        options: Of ``python -m core predict``.

    Raises:
        NotRead: If the command line said nothing of some film.
        OSError, HTTPException: If Orthanc cannot be reached, has no such study, or refuses.
    """
    films = list(unread(orthanc, study))
    if not films:
        return
    with TemporaryDirectory(prefix="study-") as folder:
        incoming, results = Path(folder, "in"), Path(folder, "out")
        incoming.mkdir()
        for film in films:
            (incoming / f"{film}.dcm").write_bytes(orthanc.ask(f"instances/{film}/file"))
        rows = predict(incoming, results, options)
        for row in rows:
            for name in row["dicom"]:
                orthanc.ask("instances", (results / name).read_bytes())
            outcome = b"refused" if row["error"] else b"read"
            orthanc.ask(f"instances/{Path(row['file']).stem}/metadata/{READ}", outcome, "PUT")
    refused = sum(row["error"] is not None for row in rows)
    print(f"study {study}: read: {len(rows) - refused}, refused: {refused}", flush=True)
    if len(rows) < len(films):
        raise NotRead(f"films not read: {len(films) - len(rows)}")


def predict(films: Path, results: Path, options: Sequence[str]) -> list[dict[str, Any]]:
    """Run the command line. Returns what it says of each film that it came to."""
    command = [sys.executable, "-m", "core", "predict", str(films), "--dicom", str(results)]
    done = subprocess.run(  # noqa: S603 - the app's own command
        [*command, "--json", *options], cwd=APP, stdout=subprocess.PIPE, text=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def follow(orthanc: Orthanc, last: int, options: Sequence[str]) -> int:
    """Read each study that has become stable since a change. Returns the last change's number.

    A study that cannot be read is told, and tried again when it changes or the watch starts anew.
    """
    changes: dict[str, Any] = {"Done": False, "Last": last}
    while not changes["Done"]:
        changes = orthanc.get(f"changes?since={changes['Last']}&limit=100")
        for change in changes["Changes"]:
            if change["ChangeType"] == "StableStudy":
                try:
                    read_study(orthanc, change["ID"], options)
                except (NotRead, HTTPError) as error:
                    tell(f"study {change['ID']}: {error}")
    return int(changes["Last"])


def watch(orthanc: Orthanc, options: Sequence[str], is_new_only: bool) -> None:
    """Read what becomes stable, for ever; wait for an Orthanc that does not answer."""
    last = None if is_new_only else 0
    while True:
        try:
            if last is None:
                last = orthanc.get("changes?last")["Last"]
            last = follow(orthanc, last, options)
        except UNREACHABLE as error:
            tell(f"Orthanc: {error}")
        time.sleep(WAIT_SECONDS)


def tell(words: str) -> None:
    """Print to the standard error."""
    print(words, file=sys.stderr, flush=True)


def main() -> int:
    """Run the command line. Returns the exit status: 1 where a film was not read."""
    parser = argparse.ArgumentParser(
        description="Read the films of Orthanc's studies.",
        epilog="What stands after -- goes to python -m core predict.",
    )
    parser.add_argument("study", nargs="?", help="a study's identifier in Orthanc")
    parser.add_argument("--watch", action="store_true", help="read studies as they become stable")
    parser.add_argument("--new-only", action="store_true", help="pass over what is stable already")
    own, options = sys.argv[1:], []
    if "--" in own:
        own, options = own[: own.index("--")], own[own.index("--") + 1 :]
    chosen = parser.parse_args(own)
    if chosen.watch == bool(chosen.study):
        parser.error("name a study, or --watch")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the temporary folder is removed
    names = ("ORTHANC_URL", "ORTHANC_USER", "ORTHANC_PASSWORD")
    url, user, password = (os.environ.get(name, "") for name in names)
    orthanc = Orthanc(url or "http://localhost:8042", user, password)
    try:
        if chosen.watch:
            watch(orthanc, options, chosen.new_only)
        read_study(orthanc, chosen.study, options)
    except (NotRead, *UNREACHABLE) as error:
        tell(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
