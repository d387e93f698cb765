"""In which language a request is answered."""

from starlette.requests import Request

from core.messages.catalogue import best_language


def language_of(request: Request) -> str:
    """The language of ``Accept-Language`` that the catalogue has, else English."""
    return best_language(request.headers.get("accept-language"))


def language_headers(language: str) -> dict[str, str]:
    """What an answer in a language says of itself; no answer is kept by a proxy or browser."""
    return {
        "Content-Language": language,
        "Vary": "Accept-Language",
        "Cache-Control": "no-store",
    }
