"""Warnings beside the film, at most ten words each; Details and the report have them in full."""

from core.imaging import Notice
from core.messages.catalogue import text


def brief(notice: Notice, language: str) -> str:
    """A notice in at most ten words.

    Examples:
        >>> brief(Notice("population.reason.adult_by_age", {"age_years": 54.0}), "en")
        'Adult (54 y): outside what it learned.'
    """
    room, kind, name = notice.key.split(".")
    return text(language, f"brief.{room}.{kind}.{name}", **notice.details)
