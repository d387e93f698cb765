"""Which archive the environment names."""

import pytest

from core.archive.settings import (
    PASSWORD_VARIABLE,
    TOKEN_VARIABLE,
    URL_VARIABLE,
    USER_VARIABLE,
    Settings,
    is_configured,
    settings,
)
from core.messages.errors import RemoteMisconfigured

URL = "https://pacs.example.org:8443/dicom-web"
EVERY = (URL_VARIABLE, TOKEN_VARIABLE, USER_VARIABLE, PASSWORD_VARIABLE)


def put(monkeypatch: pytest.MonkeyPatch, *values: str) -> None:
    """Set the variables in order; those without a value are not set."""
    for name in EVERY:
        monkeypatch.delenv(name, raising=False)
    for name, value in zip(EVERY, values, strict=False):
        monkeypatch.setenv(name, value)


def test_without_the_variable_there_is_no_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch)
    assert not is_configured()
    put(monkeypatch, "")
    assert not is_configured()


@pytest.mark.parametrize(
    ("values", "known"),
    [
        ((URL,), Settings(URL)),
        ((f"{URL}/",), Settings(URL)),
        ((URL, "token"), Settings(URL, "token")),
        ((URL, "", "me", "pw"), Settings(URL, "", "me", "pw")),
    ],
)
def test_the_variables_say_where_it_is_and_how_to_log_in(
    monkeypatch: pytest.MonkeyPatch, values: tuple[str, ...], known: Settings
) -> None:
    put(monkeypatch, *values)
    assert is_configured()
    assert settings() == known


@pytest.mark.parametrize(
    "values",
    [
        ("pacs.example.org",),
        ("ftp://pacs.example.org/dicom-web",),
        ("https://",),
        ("https://pacs.example.org:port/dicom-web",),
        ("https://me:secret@pacs.example.org/dicom-web",),
        ("https://pacs.example.org/dicom-web?token=secret",),
        (URL, "secret", "me", "secret"),
        (URL, "", "me", ""),
        (URL, "", "", "secret"),
    ],
)
def test_what_cannot_be_meant_is_told_without_any_secret(
    monkeypatch: pytest.MonkeyPatch, values: tuple[str, ...]
) -> None:
    put(monkeypatch, *values)
    with pytest.raises(RemoteMisconfigured) as told:
        settings()
    assert "secret" not in str(told.value)
    assert URL_VARIABLE in str(told.value)
