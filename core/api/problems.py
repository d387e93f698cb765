"""Errors as problem details (RFC 9457)."""

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.api.language import language_headers, language_of
from core.messages.errors import (
    DecoderStopped,
    FileTooLarge,
    FilmError,
    NoMemory,
    ReadingRoomError,
    StillLoading,
    TokenNeeded,
    TooManyReadings,
    Unforeseen,
    UnknownAddress,
    UnknownMethod,
    UnknownModel,
    UnknownPicture,
    UploadTooSlow,
    WeightsError,
)

MEDIA_TYPE = "application/problem+json"
_RETRY = {"Retry-After": "2"}
_CLOSE = {"Connection": "close"}
"""The rest of the body is not read."""

_ANSWERS: dict[type[ReadingRoomError], tuple[int, dict[str, str]]] = {
    FilmError: (422, {}),
    NoMemory: (503, _RETRY),
    DecoderStopped: (503, _RETRY),
    FileTooLarge: (413, _CLOSE),
    UploadTooSlow: (408, _CLOSE),
    UnknownPicture: (400, {}),
    UnknownAddress: (404, {}),
    UnknownMethod: (405, {}),
    TokenNeeded: (401, {"WWW-Authenticate": "Bearer"} | _CLOSE),
    UnknownModel: (404, {}),
    WeightsError: (503, {}),
    TooManyReadings: (503, _RETRY),
    StillLoading: (503, _RETRY),
    Unforeseen: (500, {}),
}


def known_problem(request: Request, error: Exception) -> JSONResponse:
    """The answer to an error with a message, in the language that the request asks for."""
    if not isinstance(error, ReadingRoomError):
        raise TypeError(type(error))
    status, headers = next(_ANSWERS[kind] for kind in type(error).__mro__ if kind in _ANSWERS)
    language = language_of(request)
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.message(language),
        "code": error.key,
    }
    return JSONResponse(content, status, headers | language_headers(language), MEDIA_TYPE)


def routing_problem(request: Request, error: Exception) -> JSONResponse:
    """The answer where no route takes the request."""
    if not isinstance(error, HTTPException):
        raise TypeError(type(error))
    known = UnknownMethod if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED else UnknownAddress
    answer = known_problem(request, known())
    answer.headers.update(error.headers or {})
    return answer


def unforeseen_problem(request: Request, error: Exception) -> JSONResponse:
    """The answer where nothing foresaw the error; nothing of it is told."""
    return known_problem(request, Unforeseen())


def client_left(request: Request, error: Exception) -> Response:
    """The answer that nobody reads any more."""
    return Response(status_code=HTTPStatus.BAD_REQUEST)
