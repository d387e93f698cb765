"""Which archive there is, and how to log in: from the environment."""

import os
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from core.messages.errors import RemoteMisconfigured

URL_VARIABLE = "READING_ROOM_DICOMWEB"
TOKEN_VARIABLE = f"{URL_VARIABLE}_TOKEN"
USER_VARIABLE, PASSWORD_VARIABLE = f"{URL_VARIABLE}_USER", f"{URL_VARIABLE}_PASSWORD"


@dataclass(frozen=True, slots=True)
class Settings:
    """An archive.

    Args:
        url: Of its DICOMweb services, without a slash at the end.
        token: Sent as bearer token; empty for none.
        user: For basic authentication; empty for none.
        password: Of that user.
    """

    url: str
    token: str = field(default="", repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


def is_configured() -> bool:
    """Whether the environment names an archive."""
    return bool(os.environ.get(URL_VARIABLE))


def settings() -> Settings:
    """The archive that the environment names.

    Raises:
        RemoteMisconfigured: Its address is none, or holds a user's name; or there are several ways
            to log in, or half of one.
    """
    url = os.environ.get(URL_VARIABLE, "").rstrip("/")
    token, user, password = (
        os.environ.get(name, "") for name in (TOKEN_VARIABLE, USER_VARIABLE, PASSWORD_VARIABLE)
    )
    if not _is_address(url):
        raise RemoteMisconfigured(variable=URL_VARIABLE)
    if bool(user) != bool(password) or (token and user):
        raise RemoteMisconfigured(variable=f"{TOKEN_VARIABLE}, {USER_VARIABLE}")
    return Settings(url, token, user, password)


def _is_address(url: str) -> bool:
    """Whether it is an HTTP address without user, query and fragment.

    Examples:
        >>> _is_address("https://pacs.example.org/dicom-web"), _is_address("https://u:p@pacs/web")
        (True, False)
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return False
    is_bare = "@" not in parts.netloc and not parts.query and not parts.fragment
    return parts.scheme in ("http", "https") and bool(parts.hostname) and is_bare
