"""Where a login is configured: what strangers see, and who is let in."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from streamlit import config
from streamlit.runtime.secrets import secrets_singleton
from streamlit.testing.v1 import AppTest
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from core.messages.catalogue import LANGUAGES, text
from core.ui.frame.guard import Guard
from tests.support.sources import REPOSITORY
from tests.ui.test_diagnosis_page import APP, model

__all__ = ["model"]  # the fixture

EXAMPLE = REPOSITORY / "deploy" / "secrets.example.toml"


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The secrets of the example."""
    before = config.get_option("secrets.files")
    file = tmp_path / "secrets.toml"
    file.write_bytes(EXAMPLE.read_bytes())
    monkeypatch.setattr("core.ui.frame.login.is_authlib_installed", lambda: True)
    config.set_option("secrets.files", [str(file)])
    secrets_singleton._reset()
    yield file
    config.set_option("secrets.files", before)
    secrets_singleton._reset()


def opened(language: str = "en", **user: object) -> AppTest:
    room = AppTest.from_file(APP, default_timeout=60)
    room.session_state["language"] = language
    room.user = user
    return room.run()


def buttons(room: AppTest) -> list[str]:
    return [button.label for button in room.button]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("secrets", "model")
def test_a_stranger_sees_the_way_in_alone(language: str) -> None:
    room = opened(language)
    assert not room.exception
    assert text(language, "frame.login.text") in room.markdown[0].value
    assert buttons(room) == [text(language, "frame.login.in")]
    assert not room.get("file_uploader")


@pytest.mark.usefixtures("secrets", "model")
def test_who_has_logged_in_sees_the_page_and_the_way_out() -> None:
    room = opened(is_logged_in=True)
    assert not room.exception
    assert room.get("file_uploader")
    assert text("en", "frame.login.out") in buttons(room)


@pytest.mark.parametrize("content", ["auth = [", "[auth]"], ids=["damaged", "empty"])
@pytest.mark.usefixtures("model")
def test_secrets_that_do_not_work_let_nobody_in(secrets: Path, content: str) -> None:
    secrets.write_text(content)
    room = opened()
    assert not room.exception
    assert not room.get("file_uploader")
    is_told = text("en", "frame.login.broken") in [error.value for error in room.error]
    assert is_told == (content != "[auth]"), "the button of an empty section tells by itself"


@pytest.mark.usefixtures("secrets", "model")
def test_without_the_library_a_stranger_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.ui.frame.login.is_authlib_installed", lambda: False)
    room = opened()
    assert text("en", "frame.login.broken") in [error.value for error in room.error]


@pytest.mark.usefixtures("model")
def test_without_a_login_everybody_sees_the_page(secrets: Path) -> None:
    for content in (None, 'other = "x"'):
        secrets.unlink() if content is None else secrets.write_text(content)
        room = opened()
        assert room.get("file_uploader")
        assert text("en", "frame.login.out") not in buttons(room)


def status(cookie: str | None, path: str = "/_stcore/upload_file/session/file") -> int:
    """What the guard answers to an upload."""
    headers = [(b"host", b"localhost:8501")]
    if cookie:
        headers.append((b"cookie", cookie.encode()))
    scope = {"type": "http", "method": "PUT", "path": path, "headers": headers}
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    with ThreadPoolExecutor(1) as pool:  # a browser test may have left its loop in this thread
        pool.submit(asyncio.run, Guard(PlainTextResponse("taken"))(scope, receive, send)).result()
    return int(sent[0]["status"])


def cookie(content: str) -> str:
    value = create_signed_value(get_cookie_secret(), "_streamlit_user", content)
    return f"_streamlit_user={value.decode()}"


def test_files_of_strangers_are_refused(secrets: Path) -> None:
    assert status(None) == 403
    assert status("_streamlit_user=forged") == 403
    assert status(cookie('{"is_logged_in": false}')) == 403
    assert status(cookie('{"is_logged_in": true}')) == 200
    assert status(None, "/_stcore/health") == 200
    secrets.unlink()
    secrets_singleton._reset()
    assert status(None) == 200
