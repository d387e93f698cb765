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
