"""Readings asked for over HTTP: the body, its turn among all readings, and the answer."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from typing import Any

from anyio import CapacityLimiter, fail_after, to_thread
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from core.api.language import language_headers, language_of
from core.imaging import UPLOAD_LIMIT_MB, Film, Notice, read_film
from core.inference.counted import count_diagnosis, count_refusal
from core.inference.diagnosis import Diagnosis
from core.inference.gate import admit
from core.inference.memory import memory_told
from core.inference.model import shared_diagnostician
from core.inference.turns import TURNS
from core.messages.catalogue import text
from core.messages.errors import (
    FileTooLarge,
    FilmError,
    TooManyReadings,
    UnknownPicture,
    UploadTooSlow,
)
from core.models import ModelCard
from core.models.weights import DEFAULT_MODEL

IN_HAND = 8
"""Requests that may send their film, wait for a turn or be read; the next ones are refused."""

BODY_SECONDS = 120
"""How long a film may take to arrive."""

_PNG = "png"
Answer = Callable[[ModelCard, Film, Diagnosis], Response]


class Readings:
    """The readings of one server. Its methods run on one event loop.

    Together they own one place in the queue of all readings, so that programs never push readers
    aside; among themselves, who comes first goes first.
    """

    def __init__(self) -> None:
        self._threads = CapacityLimiter(IN_HAND)  # most of them wait for a turn
        self._in_hand = 0

    async def read(self, request: Request) -> Response:
        """Answer ``POST /read``.

        Raises:
            UnknownPicture: ``overlay`` is none that there is.
            TooManyReadings: Too many requests are in hand.
            UploadTooSlow: The body does not arrive in time.
            FilmError: The body is too large, or no film.
            WeightsError: The model is unknown, or weights cannot be trusted.
        """
        picture = request.query_params.get("overlay")
        if picture not in (None, _PNG):
            raise UnknownPicture(known=_PNG)
        model = request.query_params.get("model", DEFAULT_MODEL)
        answer = _as_json if picture is None else _as_png
        try:
            with self._place():
                data = await _body(request)
                told = partial(answer, language_of(request))
                return await to_thread.run_sync(
                    self._in_turn, data, model, told, limiter=self._threads
                )
        except (FilmError, TooManyReadings) as error:
            await to_thread.run_sync(count_refusal, error)
            raise

    def _in_turn(self, data: bytes, model: str, answer: Answer) -> Response:
        start = time.monotonic()
        diagnostician = shared_diagnostician(model)
        with TURNS.turn(self), memory_told():
            film = admit(read_film(data))
            diagnosis = diagnostician.diagnose(film)
            answered = answer(diagnostician.card, film, diagnosis)
        notices = (*film.notices, *diagnosis.notices)
        count_diagnosis(diagnosis, notices, time.monotonic() - start)
        return answered

    @contextmanager
    def _place(self) -> Iterator[None]:
        """A place among the requests in hand."""
        if self._in_hand >= IN_HAND:
            raise TooManyReadings
        self._in_hand += 1
        try:
            yield
        finally:
            self._in_hand -= 1


async def _body(request: Request) -> bytes:
    """The body, of which no more than the upload limit is read."""
    limit_bytes = UPLOAD_LIMIT_MB * 2**20
    data = bytearray()
    try:
        _check(int(request.headers.get("content-length", 0)), limit_bytes)
        with fail_after(BODY_SECONDS):
            async for chunk in request.stream():
                _check(len(data) + len(chunk), limit_bytes)
                data += chunk
    except TimeoutError:
        raise UploadTooSlow(seconds=BODY_SECONDS) from None
    return bytes(data)


def _check(size_bytes: int, limit_bytes: int) -> None:
    if size_bytes > limit_bytes:
        raise FileTooLarge(size_mb=size_bytes / 2**20, limit_mb=UPLOAD_LIMIT_MB)


def _as_json(language: str, card: ModelCard, film: Film, diagnosis: Diagnosis) -> Response:
    low, high = diagnosis.review
    population = diagnosis.population
    content = {
        "verdict": diagnosis.verdict,
        "label": diagnosis.label,
        "probability": diagnosis.probability,
        "operating_point": diagnosis.threshold,
        "review_band": {"from": low, "below": high},
        "population": population.population if population else None,
        "reasons": _told(diagnosis.reasons, language),
        "warnings": _told((*film.notices, *diagnosis.told), language),
        "model": {"name": card.name, "version": card.version},
        "sha256": {
            "film": diagnosis.film_sha256,
            "weights": diagnosis.weights_sha256,
            "segmenter": diagnosis.segmenter_sha256,
            "population_reader": population.weights_sha256 if population else None,
        },
        "site": _site(diagnosis, language),
        "disclaimer": text(language, "diagnosis.not_device"),
    }
    return JSONResponse(content, headers=language_headers(language))


def _site(diagnosis: Diagnosis, language: str) -> dict[str, Any] | None:
    """The site's profile in use, and whether it set the operating point; None without one."""
    site, notice = diagnosis.site, diagnosis.site_notice
    if site is None or notice is None:
        return None
    return {
        "name": site.site,
        "films": site.films,
        "sha256": site.sha256,
        "applied": diagnosis.set_by is not None,
        "message": notice.message(language),
    }


def _told(notices: Iterable[Notice], language: str) -> list[dict[str, Any]]:
    return [{"key": notice.key, "message": notice.message(language)} for notice in notices]


def _as_png(language: str, card: ModelCard, film: Film, diagnosis: Diagnosis) -> Response:
    told = PngInfo()
    told.add_itxt("Disclaimer", text(language, "diagnosis.not_device"), lang=language)
    file = BytesIO()
    Image.fromarray(diagnosis.overlay()).save(file, "PNG", pnginfo=told)
    verdict = {
        "Reading-Room-Verdict": diagnosis.verdict,
        "Reading-Room-Label": diagnosis.label,
        "Reading-Room-Probability": str(diagnosis.probability),
        "Reading-Room-Model": f"{card.name} {card.version}",
        "Reading-Room-Film-Sha256": film.sha256,
    }
    return Response(file.getvalue(), 200, verdict | language_headers(language), "image/png")
