"""The application under ``/api``: its addresses, and what answers each."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from core import __version__
from core.api.problems import client_left, known_problem, routing_problem, unforeseen_problem
from core.api.readiness import Readiness
from core.api.readings import Readings
from core.api.token import TokenGate
from core.messages.errors import ReadingRoomError
from core.models import load_card
from core.models.weights import DEFAULT_MODEL

_DESCRIPTION = Path(__file__).with_name("openapi.json")


def _never() -> bool:
    return False


def api_mount(base_path: str = "", is_closed: Callable[[], bool] = _never) -> Mount:
    """The interface, to be mounted beside the pages.

    Args:
        base_path: Path below which the pages are, without ``api``; none if empty.
        is_closed: Whether only who has the token may use it; asked at every request.
    """
    base = base_path.strip("/")
    return Mount(f"/{base}/api" if base else "/api", api_application(is_closed))


def api_application(is_closed: Callable[[], bool] = _never) -> Starlette:
    """The interface by itself, with addresses that begin after ``/api``."""
    readiness = Readiness()

    def health(request: Request) -> JSONResponse:
        readiness.check()
        return JSONResponse({"status": "ready"}, headers={"Cache-Control": "no-store"})

    return Starlette(
        routes=[
            Route("/read", Readings().read, methods=["POST"]),
            Route("/health", health),
            Route("/model", _model),
            Route("/openapi.json", _description),
        ],
        middleware=[Middleware(TokenGate, is_closed)],
        exception_handlers={
            ReadingRoomError: known_problem,
            HTTPException: routing_problem,
            ClientDisconnect: client_left,
            Exception: unforeseen_problem,
        },
    )


def _model(request: Request) -> JSONResponse:
    return JSONResponse(asdict(load_card(request.query_params.get("model", DEFAULT_MODEL))))


def _description(request: Request) -> JSONResponse:
    description = json.loads(_DESCRIPTION.read_text(encoding="utf-8"))
    description["info"]["version"] = __version__
    description["servers"] = [{"url": request.scope["root_path"] or "/"}]
    return JSONResponse(description)
