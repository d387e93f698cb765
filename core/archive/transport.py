"""The way to the archive: every answer bounded in size and time, no redirect, nothing logged."""

import logging
import time
from collections.abc import Iterator
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth

from core.archive.settings import Settings
from core.messages.errors import RemoteTooLarge, RemoteTooSlow

CONNECT_SECONDS, SILENT_SECONDS, ANSWER_SECONDS = 5.0, 20.0, 120.0
"""To connect, between two pieces of an answer, and for a whole answer."""

_WRAPPING_BYTES = 2**16
"""What multipart may add to a film of the largest size."""

JSON = "application/dicom+json"
_BULK = 'multipart/related; type="*/*"'
_AS_STORED = 'multipart/related; type="application/dicom"; transfer-syntax=*'


class Bearer(AuthBase):
    """Authenticates by a token; as an AuthBase, since a .netrc would replace a plain header."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Bounded:
    """What arrives of an answer, cut off where it is too long or takes too long.

    Args:
        raw: The answer's body, as urllib3 gives it.
        limit_mb: What it may have, unpacked, in MiB.
    """

    def __init__(self, raw: Any, limit_mb: int) -> None:
        self._raw, self._limit_mb = raw, limit_mb
        self._end = time.monotonic() + ANSWER_SECONDS

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def stream(self, amount: int, decode_content: bool) -> Iterator[bytes]:
        """Give the body in pieces of at most ``amount`` bytes.

        Raises:
            RemoteTooLarge: It is over the limit.
            RemoteTooSlow: It has taken too long.
        """
        size = 0
        for piece in self._raw.stream(amount, decode_content=decode_content):
            size += len(piece)
            if size > self._limit_mb * 2**20 + _WRAPPING_BYTES:
                self._raw.close()
                raise RemoteTooLarge(limit_mb=self._limit_mb)
            if time.monotonic() > self._end:
                self._raw.close()
                raise RemoteTooSlow(seconds=round(ANSWER_SECONDS))
            yield piece


class _Adapter(HTTPAdapter):
    """Bounds every answer, and mends what the client asks.

    The client gives the bytes of an instance only as bulk data of any type, for which a server is
    free to change the transfer syntax, or to refuse. It names the host without its port. And it
    encodes asterisks, which Orthanc then takes for letters.
    """

    def __init__(self, limit_mb: int) -> None:
        super().__init__()
        self._limit_mb = limit_mb

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Send a request; its answer is read as it is asked for."""
        request.headers.pop("Host", None)
        request.url = (request.url or "").replace("%2A", "*")
        if request.headers.get("Accept") == _BULK:
            request.headers["Accept"] = _AS_STORED
        response = super().send(request, True, timeout, verify, cert, proxies)
        response.raw = _Bounded(response.raw, self._limit_mb)
        media = response.headers.get("Content-Type", "").partition(";")[0].strip()
        if media.lower().endswith("json"):  # the client knows it without parameters alone
            response.headers["Content-Type"] = media.lower()
        return response


def session(settings: Settings, limit_mb: int) -> requests.Session:
    """A session with the archive, to be closed; certificates are verified.

    Args:
        settings: Of the archive.
        limit_mb: What one answer may have, in MiB.
    """
    _quieten()
    made = requests.Session()
    made.max_redirects = 0  # what is asked names patients, and goes nowhere else
    made.headers["Accept"] = JSON
    if settings.token:
        made.auth = Bearer(settings.token)
    elif settings.user:
        made.auth = HTTPBasicAuth(settings.user.encode(), settings.password.encode())
    adapter = _Adapter(limit_mb)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


def _quieten() -> None:
    """Addresses and warnings hold names of patients, so they must not reach a log."""
    for name in ("dicomweb_client", "urllib3.connectionpool", "urllib3.connection"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
