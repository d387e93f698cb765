"""What goes wrong with the DICOMweb archive; no message holds its address."""

from core.messages.errors.base import ReadingRoomError


class RemoteError(ReadingRoomError):
    """The archive did not do what it was asked."""


class RemoteMisconfigured(RemoteError):
    """The environment does not say how to reach it. Details: ``variable``."""

    key = "archive.error.misconfigured"


class RemoteUnreachable(RemoteError):
    """Nothing answers."""

    key = "archive.error.unreachable"


class RemoteUntrusted(RemoteError):
    """Its certificate cannot be verified."""

    key = "archive.error.untrusted"


class RemoteTooSlow(RemoteError):
    """It did not answer in time. Details: ``seconds``."""

    key = "archive.error.too_slow"


class RemoteForbidden(RemoteError):
    """It does not accept the login, or does not allow what was asked."""

    key = "archive.error.forbidden"


class RemoteMissing(RemoteError):
    """It has nothing at that address."""

    key = "archive.error.missing"


class RemoteFailed(RemoteError):
    """It answers with another error. Details: ``status``."""

    key = "archive.error.failed"


class RemoteStrange(RemoteError):
    """Its answer is not DICOMweb."""

    key = "archive.error.strange"


class RemoteTooLarge(RemoteError):
    """Its answer is over the limit. Details: ``limit_mb``."""

    key = "archive.error.too_large"


class RemoteNotStored(RemoteError):
    """It does not confirm all that was sent. Details: ``confirmed``, ``sent``."""

    key = "archive.error.not_stored"


class RemoteNoStudy(RemoteError):
    """The film names no study that results could be filed in."""

    key = "archive.error.no_study"
