"""Requests that the HTTP interface does not answer."""

from core.messages.errors.base import ReadingRoomError


class RequestError(ReadingRoomError):
    """A request is not answered, whatever its film."""


class UnknownAddress(RequestError):
    """The interface has no such address."""

    key = "api.error.address"


class UnknownMethod(RequestError):
    """The address takes another method."""

    key = "api.error.method"


class TokenNeeded(RequestError):
    """The interface is for who sends the token."""

    key = "api.error.token"


class UnknownPicture(RequestError):
    """There is no such picture of a reading. Details: ``known``."""

    key = "api.error.picture"


class UploadTooSlow(RequestError):
    """The body did not arrive in time. Details: ``seconds``."""

    key = "api.error.too_slow"


class TooManyReadings(RequestError):
    """As many requests as may wait for a reading do so already."""

    key = "api.error.too_many"


class StillLoading(RequestError):
    """The default model is not loaded yet."""

    key = "api.error.loading"


class Unforeseen(RequestError):
    """The request failed for a reason that nothing foresaw."""

    key = "api.error.unforeseen"
