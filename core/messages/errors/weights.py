"""Weights that cannot be trusted."""

from core.messages.errors.base import ReadingRoomError


class WeightsError(ReadingRoomError):
    """A model's weights cannot be trusted."""


class WeightsMissing(WeightsError):
    """The weights file is not there. Details: ``file``."""

    key = "errors.weights.missing"


class WeightsDamaged(WeightsError):
    """The weights file is not the one that its card names. Details: ``file``."""

    key = "errors.weights.damaged"


class WeightsMismatch(WeightsError):
    """The file does not hold the architecture's weights. Details: ``file``, ``architecture``."""

    key = "errors.weights.mismatch"


class UnknownModel(WeightsError):
    """There is no model of that name. Details: ``name``, ``known``."""

    key = "errors.weights.unknown"


class SiteError(WeightsError):
    """A site's profile cannot be used, so nothing is diagnosed."""


class SiteMissing(SiteError):
    """There is no such profile, or it may not be opened. Details: ``file``."""

    key = "errors.site.missing"


class SiteDamaged(SiteError):
    """A profile is not what was written, or is out of range. Details: ``file``."""

    key = "errors.site.damaged"


class SiteMismatch(SiteError):
    """A profile is for other weights. Details: ``site``, ``model``, ``version``."""

    key = "errors.site.mismatch"
