"""Uploads on their way into the app."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartParser

from core.ui.frame.in_memory import keep_uploads_in_memory


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
