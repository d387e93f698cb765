"""Run folders that cannot be used."""

from core.messages.errors.base import ReadingRoomError


class RunError(ReadingRoomError):
    """A run folder cannot be used."""


class RunMissing(RunError):
    """There is no such run. Details: ``folder``."""

    key = "errors.run.missing"


class RunExists(RunError):
    """A finished run of that name exists. Details: ``folder``."""

    key = "errors.run.exists"


class RunDiffers(RunError):
    """An unfinished run of that name has other settings. Details: ``folder``, ``settings``."""

    key = "errors.run.differs"


class HeldOutDiffers(RunError):
    """Runs that belong together held out different films. Details: ``runs``."""

    key = "errors.run.held_out_differs"


class StressMissing(RunError):
    """A run has not been measured under stress. Details: ``run``."""

    key = "errors.run.stress_missing"


class FramingNotShipped(RunError):
    """A run reads whole films, which no shipped model does. Details: ``run``."""

    key = "errors.run.framing_not_shipped"


class SelectionMissing(RunError):
    """No record says that these runs were chosen. Details: ``runs``."""

    key = "errors.run.selection_missing"


class SelectionNotCommitted(RunError):
    """The record of the choice is not committed as it stands. Details: ``file``."""

    key = "errors.run.selection_not_committed"


class EvaluationMissing(RunError):
    """A model has not been measured on a set as it is now. Details: ``model``, ``dataset``."""

    key = "errors.run.evaluation_missing"


class StudyIncomplete(RunError):
    """Runs of a study are not finished. Details: ``study``, ``left``, ``runs``."""

    key = "errors.run.study_incomplete"


class StudyMeasured(RunError):
    """All runs of a study have been measured on the test films. Details: ``study``."""

    key = "errors.run.study_measured"


class LogitsMissing(RunError):
    """A run of a study has not read the test films. Details: ``run``."""

    key = "errors.run.logits_missing"


class StudyRunning(RunError):
    """Another process trains studies in the same folder of results. Details: ``folder``."""

    key = "errors.run.study_running"
