"""What stands before every request: whom the app answers, and what it tells browsers.

A page of another host name that resolves to this machine (DNS rebinding), or of another local port,
could open a session with the reader's own reach. Streamlit checks neither unless it is told the
names, and sends none of these headers.
"""

from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from streamlit import config
from streamlit.web.server.server_util import allow_all_cross_origin_requests, is_allowed_origin
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from core.messages.catalogue import best_language, text
from core.ui.frame.login import may_upload

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
_CLOSED, _UPLOADS = "/_stcore/metrics", "/_stcore/upload_file/"
_REFUSED, _POLICY_VIOLATION = 403, 1008


class Guard:
    """ASGI middleware: refuses foreign hosts and origins, closes the metrics, adds ``HEADERS``.

    Where a login is configured, files of strangers are refused.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or pass on one request; a refused one gets 403, and no WebSocket opens."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        headers = Headers(scope=scope)
        if not (_is_own_host(headers) and _is_own_origin(headers)):
            if scope["type"] == "websocket":
                await WebSocket(scope, receive, send).close(_POLICY_VIOLATION)
                return
            words = text(best_language(headers.get("accept-language")), "frame.refused")
            await PlainTextResponse(words, _REFUSED)(scope, receive, with_headers)
        elif _UPLOADS in scope["path"] and not may_upload(scope):
            await PlainTextResponse("", _REFUSED)(scope, receive, with_headers)
        elif scope["path"].rstrip("/").endswith(_CLOSED):
            await PlainTextResponse("", 404)(scope, receive, with_headers)
        else:
            await self._app(scope, receive, with_headers)


def _is_own_host(headers: Headers) -> bool:
    """Whether the request names this app: by the names it was told, else by an address.

    No name stands behind an address, so none of its pages is another host's.
    """
    host = headers.get("host", "")
    if config.get_option("server.allowedHosts"):
        return is_host_allowed(host)
    name = host.removesuffix(".").lower()
    if name.rpartition(":")[2].isdecimal():
        name = name.rpartition(":")[0]
    told = (config.get_option(f"{side}.{kind}") for side, kind in _TOLD)
    return name in {"localhost", *(str(each).lower() for each in told if each)} or _is_address(name)


_TOLD = (("server", "address"), ("browser", "serverAddress"))


def _is_address(name: str) -> bool:
    try:
        ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _is_own_origin(headers: Headers) -> bool:
    """Whether a page of this very host and port asks, one that was allowed, or no page at all."""
    origin = headers.get("origin")
    if origin is None or allow_all_cross_origin_requests() or is_allowed_origin(origin):
        return True
    return origin.partition("://")[2].lower() == headers.get("host", "").lower()
