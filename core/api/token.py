"""Who may use the interface: who has the token, where there is one."""

import os
from collections.abc import Callable
from secrets import compare_digest

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from core.api.problems import known_problem
from core.messages.errors import TokenNeeded

TOKEN_VARIABLE = "READING_ROOM_API_TOKEN"  # noqa: S105 - a name
_OPEN = "/health"


class TokenGate:
    """ASGI middleware: everything but the health is for who sends the token of the environment.

    Args:
        app: What stands behind it.
        is_closed: Whether nobody may use it where the environment has no token.
    """

    def __init__(self, app: ASGIApp, is_closed: Callable[[], bool]) -> None:
        self._app, self._is_closed = app, is_closed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 401."""
        is_open = scope["type"] != "http" or scope["path"].endswith(_OPEN)
        if is_open or self._may(Headers(scope=scope)):
            await self._app(scope, receive, send)
        else:
            await known_problem(Request(scope), TokenNeeded())(scope, receive, send)

    def _may(self, headers: Headers) -> bool:
        token = os.environ.get(TOKEN_VARIABLE)
        if not token:
            return not self._is_closed()
        given = headers.get("authorization", "")
        return compare_digest(given.encode(), f"Bearer {token}".encode())
